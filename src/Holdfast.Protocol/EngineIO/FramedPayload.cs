using System.Buffers;

namespace Holdfast.Protocol;

/// <summary>
/// The body of a poll in Engine.IO 3, as bytes, for clients that can read them: each packet behind its kind (0 for text, 1 for binary), the decimal digits of its length in bytes as
/// bytes from 0 to 9, and 255. A binary packet begins with its type as a byte: <c>00 02 ff 34 61</c> is the text message <c>a</c>, <c>01 02 ff 04 07</c> the binary message <c>07</c>.
/// </summary>
internal static class FramedPayload
{
    public const byte TextKind = 0;
    public const byte BinaryKind = 1;
    public const byte EndOfLength = 255;

    /// <summary>The bytes that this packet takes in a payload.</summary>
    public static int LengthOf(EncodedPacket packet)
    {
        var length = packet.Text.IsEmpty ? 0 : HeadOf(packet.Text.Length) + packet.Text.Length;
        foreach (var attachment in packet.Attachments)
        {
            length = checked(length + HeadOf(1 + attachment.Length) + 1 + attachment.Length);
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

    private static int HeadOf(int length) => 2 + CountedPayload.Digits(length);

    private static void Write(EncodedPacket packet, Span<byte> destination)
    {
        if (!packet.Text.IsEmpty)
        {
            destination = WriteHead(TextKind, packet.Text.Length, destination);
            packet.Text.Span.CopyTo(destination);
            destination = destination[packet.Text.Length..];
        }

        foreach (var attachment in packet.Attachments)
        {
            destination = WriteHead(BinaryKind, 1 + attachment.Length, destination);
            destination[0] = (byte)EnginePacketType.Message;
            attachment.Span.CopyTo(destination[1..]);
            destination = destination[(1 + attachment.Length)..];
        }
    }

    private static Span<byte> WriteHead(byte kind, int length, Span<byte> destination)
    {
        var digits = CountedPayload.Digits(length);
        destination[0] = kind;
        for (var at = digits; at > 0; at--)
        {
            destination[at] = (byte)(length % 10);
            length /= 10;
        }

        destination[digits + 1] = EndOfLength;
        return destination[(digits + 2)..];
    }
}
