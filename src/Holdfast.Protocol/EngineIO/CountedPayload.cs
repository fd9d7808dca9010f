using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Holdfast.Protocol;

/// <summary>
/// The body of a poll in Engine.IO 3, as text: each packet behind its length and a colon, binary ones as <c>b4</c> and base64. The length counts what JavaScript counts, UTF-16 units:
/// <c>3:4é2:4a10:b4AQIDBA==</c>.
/// </summary>
internal static class CountedPayload
{
    /// <summary>The bytes that this packet takes in a payload.</summary>
    public static int LengthOf(EncodedPacket packet)
    {
        var length = 0;
        if (!packet.Text.IsEmpty)
        {
            length = Digits(Encoding.UTF8.GetCharCount(packet.Text.Span)) + 1 + packet.Text.Length;
        }

        foreach (var attachment in packet.Attachments)
        {
            var units = 2 + Base64.GetMaxEncodedToUtf8Length(attachment.Length);
            length = checked(length + Digits(units) + 1 + units);
        }

        return length;
    }

    public static void Write(ReadOnlySpan<EncodedPacket> packets, IBufferWriter<byte> output)
    {
        foreach (var packet in packets)
        {
            var size = LengthOf(packet);
            Write(packet, output.GetSpan(size));
            output.Advance(size);
        }
    }

    internal static int Digits(int number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }

    private static void Write(EncodedPacket packet, Span<byte> destination)
    {
        if (!packet.Text.IsEmpty)
        {
            destination = WriteLength(Encoding.UTF8.GetCharCount(packet.Text.Span), destination);
            packet.Text.Span.CopyTo(destination);
            destination = destination[packet.Text.Length..];
        }

        foreach (var attachment in packet.Attachments)
        {
            destination = WriteLength(2 + Base64.GetMaxEncodedToUtf8Length(attachment.Length), destination);
            destination[0] = (byte)'b';
            destination[1] = (byte)'4';
            Base64.EncodeToUtf8(attachment.Span, destination[2..], out _, out var written);
            destination = destination[(2 + written)..];
        }
    }

    private static Span<byte> WriteLength(int units, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(units, destination, out var digits);
        destination[digits] = (byte)':';
        return destination[(digits + 1)..];
    }
}
