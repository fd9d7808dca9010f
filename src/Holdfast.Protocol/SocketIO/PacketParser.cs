namespace Holdfast.Protocol;

/// <summary>
/// A wire format of Socket.IO packets. Without state, so one serves all connections of a server. Values are opaque bytes to everybody
/// else: an argument stays what came in until somebody asks the parser for a type.
/// </summary>
/// <remarks>
/// What can't be written throws at the encode, which is at the caller's emit: <see cref="ArgumentException"/>,
/// <see cref="NotSupportedException"/> or what the serializer throws.
/// </remarks>
internal abstract class PacketParser
{
    /// <summary>The binary values that one packet may carry. Clients refuse more than this.</summary>
    public const int DefaultMaxAttachments = 10;

    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="ackId">The id under which an ack is wanted, or <see cref="Packet.NoAck"/>.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="args">What follows the name.</param>
    /// <param name="offset">The position in the log, which recovery sends as one more argument at the end.</param>
    public abstract EncodedPacket EncodeEvent(
        string nsp, long ackId, string eventName, ReadOnlySpan<object?> args, string? offset = null);

    /// <summary>An event that was encoded with an offset, for receivers who are told none. The packet itself stays as it is.</summary>
    public abstract EncodedPacket WithoutOffset(EncodedPacket packet);

    public abstract EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> args);

    /// <summary>The server's answer to CONNECT: the public id, and with recovery the private one; no other key.</summary>
    public abstract EncodedPacket EncodeConnect(string nsp, string sid, string? pid);

    public abstract EncodedPacket EncodeConnectError(string nsp, string message, object? data);

    /// <summary>What a client of Engine.IO 3 gets instead: the value alone.</summary>
    public abstract EncodedPacket EncodeError(string nsp, object value);

    public abstract EncodedPacket EncodeDisconnect(string nsp);

    /// <summary>The client's CONNECT.</summary>
    public abstract EncodedPacket EncodeConnectRequest(string nsp, object? auth);

    /// <summary>A decoder for one connection.</summary>
    /// <param name="maxAttachments">How many attachments one packet may announce.</param>
    /// <param name="maxBytes">How many bytes one packet may have together with its attachments.</param>
    public abstract PacketDecoder CreateDecoder(int maxAttachments, long maxBytes);

    /// <summary>Serialises a value now and keeps the bytes: a snapshot that later changes of the object don't reach.</summary>
    public abstract EventArgument Capture(object? value);

    /// <summary>Reads a value that this parser captured or decoded.</summary>
    /// <exception cref="EventArgumentException">The value does not have this type.</exception>
    public abstract T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments);

    public abstract bool IsNull(ReadOnlyMemory<byte> value);

    /// <summary>The value as text, for debuggers and logs of the application.</summary>
    public abstract string Describe(ReadOnlyMemory<byte> value);
}

/// <summary>
/// The reading side of one connection. It holds at most one packet that waits for its attachments. Not thread-safe: messages arrive
/// one at a time.
/// </summary>
internal abstract class PacketDecoder
{
    /// <summary>Takes the next message. False: the packet that it belongs to is not complete yet.</summary>
    /// <param name="message">
    /// The message without the Engine.IO digit. It belongs to the decoder from now on: arguments are slices of it. Text is valid UTF-8.
    /// </param>
    /// <param name="isBinary">Whether it came as a binary message.</param>
    /// <param name="packet">The complete packet.</param>
    /// <exception cref="ProtocolException">The message breaks the protocol. Nothing more may be read from this connection.</exception>
    public abstract bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet);
}
