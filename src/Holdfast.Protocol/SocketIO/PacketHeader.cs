// A Socket.IO packet in its text form:
//
//     <type>[<attachments>-][<namespace>,][<ack id>][<JSON>]
//
//     2["hello",1]                          an event in the main namespace
//     2/chat,17["hello"]                    in /chat, the sender wants ack 17
//     51-["file",{"_placeholder":true,...}] a binary event, one binary message follows
//     0/chat                                CONNECT: the comma may be missing at the end
//
// The header is read strictly: what JavaScript's loose conversions would let pass (a count of "01", an id without end) ends the
// connection here, because every such packet was either an accident or an attack.

using System.Buffers.Text;
using System.Text;

namespace Holdfast.Protocol;

/// <summary>What stands before the JSON of a packet.</summary>
internal readonly ref struct PacketHeader
{
    private const int MaxAckIdDigits = 16;

    /// <summary>What the digit of a binary event or a binary ack has more than that of an event or an ack.</summary>
    private const int BinaryStep = 3;

    private PacketHeader(PacketType type, int attachments, ReadOnlySpan<byte> @namespace, long ackId, int length)
    {
        Type = type;
        Attachments = attachments;
        Namespace = @namespace;
        AckId = ackId;
        Length = length;
    }

    public PacketType Type { get; }

    /// <summary>How many binary messages follow; 0 unless the digit was one of the two for binary packets.</summary>
    public int Attachments { get; }

    /// <summary>UTF-8, empty for the main namespace.</summary>
    public ReadOnlySpan<byte> Namespace { get; }

    public long AckId { get; }

    /// <summary>Where the JSON starts.</summary>
    public int Length { get; }

    public static PacketHeader Read(ReadOnlySpan<byte> text, int maxAttachments)
    {
        if (text.IsEmpty || (uint)(text[0] - '0') > (uint)PacketType.Ack + BinaryStep)
        {
            throw new ProtocolException("unknown packet type");
        }

        var digit = text[0] - '0';
        var isBinary = digit > (int)PacketType.ConnectError;
        var at = 1;
        var attachments = isBinary ? ReadAttachments(text, ref at, maxAttachments) : 0;
        var type = (PacketType)(isBinary ? digit - BinaryStep : digit);
        var name = ReadNamespace(text, ref at);
        var ackId = ReadAckId(text, ref at);
        return new PacketHeader(type, attachments, name, ackId, at);
    }

    private static int ReadAttachments(ReadOnlySpan<byte> text, scoped ref int at, int max)
    {
        var digits = text[at..].IndexOf((byte)'-');
        if (digits is < 1 or > 10)
        {
            throw new ProtocolException("Illegal attachments");
        }

        long count = 0;
        foreach (var digit in text.Slice(at, digits))
        {
            if ((uint)(digit - '0') > 9)
            {
                throw new ProtocolException("Illegal attachments");
            }

            count = (count * 10) + (digit - '0');
        }

        // A count of zero would leave the reassembly open for ever; "01" is no number that anybody writes.
        if (text[at] == '0')
        {
            throw new ProtocolException("Illegal attachments");
        }

        if (count > max)
        {
            throw new ProtocolException("too many attachments");
        }

        at += digits + 1;
        return (int)count;
    }

    private static ReadOnlySpan<byte> ReadNamespace(ReadOnlySpan<byte> text, scoped ref int at)
    {
        if (at == text.Length || text[at] != '/')
        {
            return default;
        }

        var rest = text[at..];
        var comma = rest.IndexOf((byte)',');
        var name = comma < 0 ? rest : rest[..comma];
        at += comma < 0 ? name.Length : comma + 1;
        if (name.Length > PacketRules.MaxNamespaceBytes)
        {
            throw new ProtocolException("the namespace is too long");
        }

        // The answer repeats the name. A control character in it could be the separator of a polling payload.
        foreach (var character in name)
        {
            if (character < 0x20)
            {
                throw new ProtocolException("control character in the namespace");
            }
        }

        return name.Length == 1 ? default : name;
    }

    private static long ReadAckId(ReadOnlySpan<byte> text, scoped ref int at)
    {
        var start = at;
        long id = 0;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            if (at - start == MaxAckIdDigits)
            {
                throw new ProtocolException("the ack id is too long");
            }

            id = (id * 10) + (text[at] - '0');
        }

        if (id > PacketRules.MaxAckId)
        {
            throw new ProtocolException("the ack id is too large");
        }

        return at == start ? Packet.NoAck : id;
    }

    /// <summary>
    /// One exact array: the Engine.IO digit, the header, the JSON. It stays as it is and may be shared by any number of receivers.
    /// </summary>
    public static byte[] Write(PacketType type, int attachments, string nsp, long ackId, ReadOnlySpan<byte> json)
    {
        Span<byte> count = stackalloc byte[12];
        Span<byte> id = stackalloc byte[20];
        var countLength = attachments > 0 ? Digits(attachments, count) : 0;
        var idLength = ackId >= 0 ? Digits(ackId, id) : 0;
        var nspLength = nsp == "/" ? 0 : Encoding.UTF8.GetByteCount(nsp);
        var withComma = nspLength > 0;

        var length = 2 + (countLength > 0 ? countLength + 1 : 0) + nspLength + (withComma ? 1 : 0) + idLength + json.Length;
        var packet = new byte[length];
        packet[0] = (byte)'4';
        packet[1] = (byte)('0' + (int)type + (attachments > 0 ? BinaryStep : 0));
        var at = 2;
        if (countLength > 0)
        {
            count[..countLength].CopyTo(packet.AsSpan(at));
            at += countLength;
            packet[at++] = (byte)'-';
        }

        at += nspLength > 0 ? Encoding.UTF8.GetBytes(nsp, packet.AsSpan(at)) : 0;
        if (withComma)
        {
            packet[at++] = (byte)',';
        }

        id[..idLength].CopyTo(packet.AsSpan(at));
        json.CopyTo(packet.AsSpan(at + idLength));
        return packet;
    }

    private static int Digits(long value, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(value, destination, out var written);
        return written;
    }
}
