namespace Holdfast.Protocol;

/// <summary>The type of a Socket.IO packet; the value is the digit on the wire.</summary>
internal enum PacketType : byte
{
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

/// <summary>One received Socket.IO packet, complete with its attachments. Its arguments are still the bytes that came in.</summary>
internal readonly struct Packet
{
    /// <summary>The ack id of a packet that has none.</summary>
    public const long NoAck = -1;

    public Packet(
        PacketType type,
        string @namespace,
        long ackId = NoAck,
        string? eventName = null,
        EventArguments? arguments = null,
        EventArgument payload = default)
    {
        Type = type;
        Namespace = @namespace;
        AckId = ackId;
        EventName = eventName;
        Arguments = arguments ?? EventArguments.Empty;
        Payload = payload;
    }

    /// <summary>Never one of the two binary types: after reassembly these are an event and an ack like others.</summary>
    public PacketType Type { get; }

    public string Namespace { get; }

    /// <summary>The id that an ack answers, or under which the sender of an event wants one; otherwise <see cref="NoAck"/>.</summary>
    public long AckId { get; }

    /// <summary>The name of an event. A number on the wire is given by its text.</summary>
    public string? EventName { get; }

    /// <summary>What follows the name of an event, or all of an ack.</summary>
    public EventArguments Arguments { get; }

    /// <summary>The auth object of CONNECT, or the error of CONNECT_ERROR.</summary>
    public EventArgument Payload { get; }
}
