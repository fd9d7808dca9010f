// A packet is one map in one binary message:
//
//     { type: 2, data: ["hello", 1], options: { compress: true }, nsp: "/" }          from a JavaScript client
//     { type: 2, nsp: "/chat", id: 17, data: ["hello"] }                              from here
//
// The parser of Socket.IO 2 writes its CONNECT and DISCONNECT as JSON text instead (TextPacket.cs).
// The order of the keys means nothing, keys that nobody knows are skipped, and null and undefined are the same as absent: JavaScript sends the one,
// Python the other. Everything else is read as strictly as the header of a JSON packet.

using System.Buffers;
using System.Text;

namespace Holdfast.Protocol;

internal sealed class MessagePackDecoder(MessagePackParser parser) : PacketDecoder
{
    private const long BinaryEvent = 5;
    private const long BinaryAck = 6;

    /// <summary>Of one packet, what has been read so far.</summary>
    private ref struct Fields
    {
        public int Type;
        public string? Namespace;
        public long AckId;
        public bool HasData;
        public MessagePackKind DataKind;
        public ArgumentRange Data;
        public ArgumentRange[]? Elements;
        public int Seen; // one bit for each of the four keys
    }

    // Most connections speak in one or two namespaces and repeat themselves: the strings of the packet before are used again.
    private byte[] _lastNamespaceBytes = [(byte)'/'];
    private string _lastNamespace = "/";
    private byte[] _lastEventNameBytes = [];
    private string _lastEventName = "";

    public override bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet)
    {
        if (!isBinary)
        {
            packet = TextPacket.Read(message.Span);
            return true;
        }

        var reader = new MessagePackReader(message.Span);
        var map = reader.Read();
        if (map.Kind != MessagePackKind.Map)
        {
            throw new ProtocolException("a packet that is no map");
        }

        var fields = new Fields { Type = -1, AckId = Packet.NoAck };
        for (var pair = 0L; pair < map.Number; pair++)
        {
            ReadField(ref reader, ref fields);
        }

        if (!reader.IsAtEnd)
        {
            throw new ProtocolException("bytes behind the packet");
        }

        packet = Build(message, fields);
        return true;
    }

    private void ReadField(ref MessagePackReader reader, ref Fields fields)
    {
        var key = reader.Read();
        if (key.Kind != MessagePackKind.Text)
        {
            throw new ProtocolException("a key that is no text");
        }

        if (key.Bytes.SequenceEqual("type"u8))
        {
            Once(ref fields, 1);
            fields.Type = reader.Read() switch
            {
                { Kind: MessagePackKind.Integer, Number: >= 0 and <= (long)PacketType.ConnectError } type => (int)type.Number,

                // Clients of Socket.IO 2 count what holds binary values as types of their own, in a format that needs none.
                { Kind: MessagePackKind.Integer, Number: BinaryEvent } => (int)PacketType.Event,
                { Kind: MessagePackKind.Integer, Number: BinaryAck } => (int)PacketType.Ack,
                _ => throw new ProtocolException("unknown packet type"),
            };
        }
        else if (key.Bytes.SequenceEqual("nsp"u8))
        {
            Once(ref fields, 2);
            fields.Namespace = NamespaceOf(reader.Read());
        }
        else if (key.Bytes.SequenceEqual("id"u8))
        {
            Once(ref fields, 4);
            fields.AckId = AckIdOf(reader.Read());
        }
        else if (key.Bytes.SequenceEqual("data"u8))
        {
            Once(ref fields, 8);
            ReadData(ref reader, ref fields);
        }
        else
        {
            MessagePackSkip.CheckText(key.Bytes);
            MessagePackSkip.Skip(ref reader, depth: 0);
        }
    }

    private static void Once(ref Fields fields, int key)
    {
        fields.Seen = (fields.Seen & key) == 0 ? fields.Seen | key : throw new ProtocolException("a key that comes twice");
    }

    private string NamespaceOf(in MessagePackToken token)
    {
        if (token.Kind != MessagePackKind.Text)
        {
            throw new ProtocolException("invalid namespace");
        }

        if (!token.Bytes.SequenceEqual(_lastNamespaceBytes))
        {
            MessagePackSkip.CheckText(token.Bytes);
            _lastNamespace = token.Bytes.Length > PacketRules.MaxNamespaceBytes
                ? throw new ProtocolException("the namespace is too long")
                : PacketRules.Namespace(Encoding.UTF8.GetString(token.Bytes));
            _lastNamespaceBytes = token.Bytes.ToArray();
        }

        return _lastNamespace;
    }

    private static long AckIdOf(in MessagePackToken token) => token.Kind switch
    {
        _ when IsAbsent(token) => Packet.NoAck,
        MessagePackKind.Integer => PacketRules.AckId(token.Number),
        MessagePackKind.Unsigned => throw new ProtocolException("the ack id is too large"),
        _ => throw new ProtocolException("invalid ack id"),
    };

    private static void ReadData(ref MessagePackReader reader, ref Fields fields)
    {
        var start = reader.Position;
        var ahead = reader;
        var token = ahead.Read();
        if (token.Kind != MessagePackKind.Array)
        {
            MessagePackSkip.Skip(ref reader, depth: 0);
            fields.HasData = !IsAbsent(token);
        }
        else
        {
            reader = ahead;
            fields.HasData = true;
            fields.Elements = ReadElements(ref reader, (int)token.Number);
        }

        fields.DataKind = token.Kind;
        fields.Data = new ArgumentRange(start, reader.Position - start);
    }

    /// <summary>The count is one that the rest of the message has room for; still, its list grows only with elements that are there.</summary>
    private static ArgumentRange[] ReadElements(ref MessagePackReader reader, int count)
    {
        if (count <= 8)
        {
            Span<ArgumentRange> few = stackalloc ArgumentRange[8];
            for (var i = 0; i < count; i++)
            {
                few[i] = ReadElement(ref reader);
            }

            return few[..count].ToArray();
        }

        var found = ArrayPool<ArgumentRange>.Shared.Rent(16);
        try
        {
            for (var i = 0; i < count; i++)
            {
                if (i == found.Length)
                {
                    var larger = ArrayPool<ArgumentRange>.Shared.Rent(found.Length * 2);
                    found.CopyTo(larger, 0);
                    ArrayPool<ArgumentRange>.Shared.Return(found);
                    found = larger;
                }

                found[i] = ReadElement(ref reader);
            }

            return found.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<ArgumentRange>.Shared.Return(found);
        }
    }

    private static ArgumentRange ReadElement(ref MessagePackReader reader)
    {
        var start = reader.Position;
        MessagePackSkip.Skip(ref reader, depth: 1);
        return new ArgumentRange(start, reader.Position - start);
    }

    private Packet Build(ReadOnlyMemory<byte> message, in Fields fields)
    {
        if (fields.Type < 0)
        {
            throw new ProtocolException("unknown packet type");
        }

        var nsp = fields.Namespace ?? throw new ProtocolException("invalid namespace");
        var type = (PacketType)fields.Type;
        if (fields.AckId != Packet.NoAck && type is not (PacketType.Event or PacketType.Ack))
        {
            throw new ProtocolException("an ack id where none belongs");
        }

        switch (type)
        {
            case PacketType.Connect when !fields.HasData:
                return new Packet(type, nsp);

            case PacketType.Connect when fields.DataKind == MessagePackKind.Map:
            case PacketType.ConnectError when fields.HasData && fields.DataKind is MessagePackKind.Map or MessagePackKind.Text:
                return new Packet(type, nsp, payload: new EventArgument(parser, message.Slice(fields.Data.Start, fields.Data.Length), []));

            case PacketType.Disconnect when !fields.HasData:
                return new Packet(type, nsp);

            case PacketType.Event when fields.Elements is [var first, ..]:
                var name = NameOf(message.Span.Slice(first.Start, first.Length));
                return new Packet(type, nsp, fields.AckId, name, Arguments(message, fields.Elements.AsSpan(1).ToArray()));

            case PacketType.Ack when fields.AckId == Packet.NoAck:
                throw new ProtocolException("an ack without id");

            case PacketType.Ack when fields.Elements is not null:
                return new Packet(type, nsp, fields.AckId, arguments: Arguments(message, fields.Elements));

            default:
                throw new ProtocolException("invalid payload");
        }
    }

    private EventArguments Arguments(ReadOnlyMemory<byte> message, ArgumentRange[] ranges) =>
        ranges.Length == 0 ? EventArguments.Empty : new EventArguments(parser, message, ranges, []);

    private string NameOf(ReadOnlySpan<byte> element)
    {
        var token = new MessagePackReader(element).Read();
        if (token.Kind is MessagePackKind.Integer or MessagePackKind.Unsigned or MessagePackKind.Float)
        {
            return MessagePackToJson.NumberText(token);
        }

        if (token.Kind != MessagePackKind.Text)
        {
            throw new ProtocolException("invalid payload");
        }

        if (!token.Bytes.SequenceEqual(_lastEventNameBytes))
        {
            var name = PacketRules.EventName(Encoding.UTF8.GetString(token.Bytes));
            if (name.Length > PacketRules.MaxKeptName)
            {
                return name;
            }

            _lastEventName = name;
            _lastEventNameBytes = token.Bytes.ToArray();
        }

        return _lastEventName;
    }

    private static bool IsAbsent(in MessagePackToken token) =>
        token.Kind == MessagePackKind.Nil
        || (token.Kind == MessagePackKind.Extension && MessagePackExtension.MeaningOf(token) == ExtensionMeaning.Undefined);
}
