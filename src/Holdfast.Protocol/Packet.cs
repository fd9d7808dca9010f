using Holdfast.Protocol;

namespace Holdfast;

/// <summary>
/// One received Socket.IO packet, complete: what a <see cref="PacketDecoder"/> makes of one or more messages. Its arguments are still the
/// bytes that came in. Immutable.
/// </summary>
/// <remarks>
/// The methods that make one check what all formats have in common (names of namespaces and events, the range of ack ids) and throw
/// <see cref="ProtocolException"/>, so that a decoder has to check its own format only.
/// </remarks>
public readonly struct Packet
{
    /// <summary>The <see cref="AckId"/> of a packet that has none.</summary>
    public const long NoAck = -1;

    internal Packet(
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

    /// <summary>What kind of packet it is.</summary>
    public PacketType Type { get; }

    /// <summary>The namespace, with its slash; <c>/</c> is the main one.</summary>
    public string Namespace { get; }

    /// <summary>The id that an ack answers, or under which the sender of an event wants one; otherwise <see cref="NoAck"/>.</summary>
    public long AckId { get; }

    /// <summary>The name of an event, otherwise null. A number on the wire is given by its text.</summary>
    public string? EventName { get; }

    /// <summary>What follows the name of an event, or all of an ack; otherwise empty.</summary>
    public EventArguments Arguments { get; }

    /// <summary>The auth object of CONNECT, or the error of CONNECT_ERROR; otherwise null.</summary>
    public EventArgument Payload { get; }

    /// <summary>A client wants to join a namespace.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="auth">The auth object; the default value if there is none.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ProtocolException">That is no name of a namespace.</exception>
    public static Packet Connect(string nsp, EventArgument auth) => new(PacketType.Connect, PacketRules.Namespace(nsp), payload: auth);

    /// <summary>The other end leaves a namespace.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ProtocolException">That is no name of a namespace.</exception>
    public static Packet Disconnect(string nsp) => new(PacketType.Disconnect, PacketRules.Namespace(nsp));

    /// <summary>An event.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="ackId">The id under which an ack is wanted, or <see cref="NoAck"/>.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="arguments">What follows the name.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ProtocolException">
    /// That is no name of a namespace, the id is no integer that JavaScript counts to, or the event's name is reserved.
    /// </exception>
    public static Packet Event(string nsp, long ackId, string eventName, EventArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return new(
            PacketType.Event,
            PacketRules.Namespace(nsp),
            ackId == NoAck ? NoAck : PacketRules.AckId(ackId),
            PacketRules.EventName(eventName),
            arguments);
    }

    /// <summary>The acknowledgement of an event.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="ackId">The id that the event came with.</param>
    /// <param name="arguments">What the other end answers.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ProtocolException">
    /// That is no name of a namespace, or the id is no integer that JavaScript counts to.
    /// </exception>
    public static Packet Ack(string nsp, long ackId, EventArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return new(PacketType.Ack, PacketRules.Namespace(nsp), PacketRules.AckId(ackId), arguments: arguments);
    }

    /// <summary>A server refuses a client.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="error">An object with <c>message</c> and perhaps <c>data</c>.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ProtocolException">That is no name of a namespace.</exception>
    public static Packet ConnectError(string nsp, EventArgument error) =>
        new(PacketType.ConnectError, PacketRules.Namespace(nsp), payload: error);
}
