using System.Text;
using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// Reads one connection's packets. A binary packet is checked when its text arrives, and then waits for its attachments: one packet at a
/// time, bounded in count and bytes. Any other text in between breaks the protocol, and so does binary that nobody waits for.
/// </summary>
internal sealed class JsonPacketDecoder(JsonPacketParser parser, int maxAttachments, long maxBytes) : PacketDecoder
{
    // Most connections speak in one or two namespaces and repeat themselves: the strings of the packet before are used again.
    private byte[] _lastNamespaceBytes = [];
    private string _lastNamespace = "/";
    private string? _lastEventName;

    private Waiting? _waiting;

    public override bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet)
    {
        if (isBinary)
        {
            return TryAttach(message, out packet);
        }

        if (_waiting is not null)
        {
            throw new ProtocolException("text while attachments are missing");
        }

        try
        {
            packet = ReadText(message);
        }
        catch (JsonException exception)
        {
            throw new ProtocolException("invalid payload", exception);
        }
        catch (InvalidOperationException exception)
        {
            // An event name with half of a surrogate pair.
            throw new ProtocolException("invalid payload", exception);
        }

        return _waiting is null;
    }

    private Packet ReadText(ReadOnlyMemory<byte> message)
    {
        var header = PacketHeader.Read(message.Span, maxAttachments);
        var nsp = NamespaceOf(header);
        switch (header.Type)
        {
            case PacketType.Connect or PacketType.ConnectError:
                RefuseAckId(header);
                return new Packet(header.Type, nsp, payload: ReadPayload(message[header.Length..], header.Type));

            case PacketType.Disconnect:
                RefuseAckId(header);
                return header.Length == message.Length
                    ? new Packet(PacketType.Disconnect, nsp)
                    : throw new ProtocolException("invalid payload");

            case PacketType.Event:
                return ReadArray(header.Attachments > 0 ? OwnBytes.Of(message) : message, header, nsp, PacketType.Event);

            default:
                return header.AckId == Packet.NoAck
                    ? throw new ProtocolException("an ack without id")
                    : ReadArray(header.Attachments > 0 ? OwnBytes.Of(message) : message, header, nsp, PacketType.Ack);
        }
    }

    private Packet ReadArray(ReadOnlyMemory<byte> message, PacketHeader header, string nsp, PacketType type)
    {
        var payload = new JsonPayload(message.Span[header.Length..], header.Attachments);
        var ranges = payload.ReadArguments(header.Length, named: type == PacketType.Event, _lastEventName, out var name);
        if (name is { Length: <= PacketRules.MaxKeptName })
        {
            _lastEventName = name;
        }

        var attachments = header.Attachments == 0 ? [] : new ReadOnlyMemory<byte>[header.Attachments];
        var arguments = ranges.Length == 0 ? EventArguments.Empty : new EventArguments(parser, message, ranges, attachments);
        var packet = new Packet(type, nsp, header.AckId, name, arguments);
        if (header.Attachments > 0)
        {
            _waiting = new Waiting(packet, attachments) { Bytes = message.Length };
        }

        return packet;
    }

    private EventArgument ReadPayload(ReadOnlyMemory<byte> json, PacketType type)
    {
        if (json.IsEmpty)
        {
            return type == PacketType.Connect ? default : throw new ProtocolException("invalid payload");
        }

        var payload = new JsonPayload(json.Span, attachments: 0);
        var first = payload.ReadValue();
        var fits = first == JsonTokenType.StartObject || (type == PacketType.ConnectError && first == JsonTokenType.String);
        return fits ? new EventArgument(parser, json, []) : throw new ProtocolException("invalid payload");
    }

    private bool TryAttach(ReadOnlyMemory<byte> message, out Packet packet)
    {
        if (_waiting is not { } waiting)
        {
            throw new ProtocolException("binary without a packet that waits for it");
        }

        waiting.Bytes += message.Length;
        if (waiting.Bytes > maxBytes)
        {
            throw new ProtocolException("the packet and its attachments are too large");
        }

        waiting.Attachments[waiting.Received++] = OwnBytes.Of(message);
        if (waiting.Received < waiting.Attachments.Length)
        {
            packet = default;
            return false;
        }

        packet = waiting.Packet;
        _waiting = null;
        return true;
    }

    private static void RefuseAckId(PacketHeader header)
    {
        if (header.AckId != Packet.NoAck)
        {
            throw new ProtocolException("an ack id where none belongs");
        }
    }

    private string NamespaceOf(PacketHeader header)
    {
        if (header.Namespace.IsEmpty)
        {
            return "/";
        }

        if (!header.Namespace.SequenceEqual(_lastNamespaceBytes))
        {
            _lastNamespaceBytes = header.Namespace.ToArray();
            _lastNamespace = Encoding.UTF8.GetString(header.Namespace);
        }

        return _lastNamespace;
    }
    /// <summary>A packet whose attachments are on their way.</summary>
    private sealed class Waiting(Packet packet, ReadOnlyMemory<byte>[] attachments)
    {
        public Packet Packet => packet;

        public ReadOnlyMemory<byte>[] Attachments => attachments;

        public int Received { get; set; }

        public long Bytes { get; set; }
    }
}
