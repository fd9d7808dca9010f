using System.Buffers;
using System.Buffers.Text;

namespace Holdfast.Protocol;

/// <summary>
/// Writes the body of a poll: Engine.IO packets joined by the record separator 0x1E, binary ones as <c>b</c> and base64. The separator
/// can't occur inside a packet, because JSON escapes control characters.
/// </summary>
internal static class PollingPayload
{
    public const byte Separator = 0x1E;

    /// <summary>The bytes that this packet takes in a payload, without a separator before it: what bounds a poll's body.</summary>
    public static int LengthOf(EncodedPacket packet)
    {
        var length = packet.Text.Length;
        var parts = packet.Text.IsEmpty ? 0 : 1;
        foreach (var attachment in packet.Attachments)
        {
            length += 1 + Base64.GetMaxEncodedToUtf8Length(attachment.Length);
            parts++;
        }

        return length + Math.Max(0, parts - 1);
    }

    public static byte[] Encode(ReadOnlySpan<EncodedPacket> packets)
    {
        var length = Math.Max(0, packets.Length - 1);
        foreach (var packet in packets)
        {
            length = checked(length + LengthOf(packet));
        }

        var body = new byte[length];
        var rest = body.AsSpan();
        foreach (var packet in packets)
        {
            rest = Write(packet, rest, isFirst: rest.Length == body.Length);
        }

        return body;
    }

    public static void Write(ReadOnlySpan<EncodedPacket> packets, IBufferWriter<byte> output)
    {
        for (var i = 0; i < packets.Length; i++)
        {
            var size = LengthOf(packets[i]) + (i == 0 ? 0 : 1);
            Write(packets[i], output.GetSpan(size), isFirst: i == 0);
            output.Advance(size);
        }
    }

    private static Span<byte> Write(EncodedPacket packet, Span<byte> destination, bool isFirst)
    {
        if (!packet.Text.IsEmpty)
        {
            destination = Separate(destination, ref isFirst);
            packet.Text.Span.CopyTo(destination);
            destination = destination[packet.Text.Length..];
        }

        foreach (var attachment in packet.Attachments)
        {
            destination = Separate(destination, ref isFirst);
            destination[0] = (byte)'b';
            Base64.EncodeToUtf8(attachment.Span, destination[1..], out _, out var written);
            destination = destination[(1 + written)..];
        }

        return destination;
    }

    private static Span<byte> Separate(Span<byte> destination, scoped ref bool isFirst)
    {
        if (isFirst)
        {
            isFirst = false;
            return destination;
        }

        destination[0] = Separator;
        return destination[1..];
    }
}
