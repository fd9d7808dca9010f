using System.Text;

namespace Holdfast.Protocol.Tests;

/// <summary>Packets as text and back. A binary message is written as <c>&lt;01 02&gt;</c>.</summary>
internal static class Wire
{
    public static readonly JsonPacketParser Parser = new();

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>All messages of a packet in the order in which they are sent.</summary>
    public static string Show(EncodedPacket packet) =>
        string.Join(' ', [Text(packet.Text), .. packet.Attachments.Select(a => $"<{Hex(a)}>")]);

    public static string Hex(ReadOnlyMemory<byte> bytes) => string.Join(' ', bytes.ToArray().Select(b => $"{b:x2}"));

    public static string Event(params object?[] args) => Show(Parser.EncodeEvent("/", -1, "x", args));

    public static PacketDecoder Decoder(int maxAttachments = 10, long maxBytes = 1_000_000) =>
        new JsonPacketParser(maxAttachments: maxAttachments).CreateDecoder(maxBytes);

    /// <summary>One packet from its messages, the text without the 4 of Engine.IO.</summary>
    public static Packet Decode(string text, params byte[][] attachments)
    {
        var decoder = Decoder();
        var complete = decoder.TryRead(Bytes(text), isBinary: false, out var packet);
        foreach (var attachment in attachments)
        {
            Assert.False(complete);
            complete = decoder.TryRead(attachment, isBinary: true, out packet);
        }

        Assert.True(complete);
        return packet;
    }

    /// <summary>The first argument of an event that carries this JSON.</summary>
    public static EventArgument Argument(string json, params byte[][] attachments) =>
        Decode($"{(attachments.Length == 0 ? "2" : $"5{attachments.Length}-")}[\"x\",{json}]", attachments).Arguments[0];

    public static string Refuse(string text)
    {
        var exception = Assert.Throws<ProtocolException>(() => Decoder().TryRead(Bytes(text), isBinary: false, out _));
        return exception.Message;
    }
}
