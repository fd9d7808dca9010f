using System.Text;
using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast;

/// <summary>
/// A wire format of Socket.IO packets: what goes into the messages of a connection, and how values of .NET get in and out. Both ends must use the
/// same one. The default is JSON text with binary values beside it; <see cref="MessagePackParser"/> is the other that comes with the library.
/// Derive from this class for one of your own, and from <see cref="PacketDecoder"/> for its reading side.
/// </summary>
/// <remarks>
/// <para>
/// One parser serves all connections of a server, on any number of threads at a time: it must not change after it was made. All its methods
/// are synchronous and must not wait for anything.
/// </para>
/// <para>
/// An event is encoded once, however many clients receive it. So the format can't depend on the receiver. Every encoding method returns a new
/// packet, because the server notes in it how it is to be sent.
/// </para>
/// <para>
/// What is received stays bytes until somebody asks for a type. These bytes are the parser's business alone: a decoder makes arguments of them
/// with <see cref="CreateArgument"/> and <see cref="CreateArguments"/>, and gets them back in <see cref="Read"/>, <see cref="IsNull"/> and
/// <see cref="Describe"/>, or as an argument that is to be passed on, see <see cref="TryGetBytes"/>.
/// </para>
/// <para>
/// What can't be written throws from the encoding method; the application gets the exception from its emit. Use <see cref="ArgumentException"/>
/// or <see cref="NotSupportedException"/>, or let pass what a serializer throws.
/// </para>
/// </remarks>
public abstract class PacketParser
{
    /// <summary>The binary values that one packet of the default parser may carry. Clients refuse more than this.</summary>
    internal const int DefaultMaxAttachments = 10;

    /// <summary>
    /// Whether events can carry the offset that connection state recovery needs: a server with recovery refuses to start with a parser that can't.
    /// False unless overridden.
    /// </summary>
    /// <remarks>
    /// A parser that answers true must do three things: put the offset of <see cref="EncodeEvent"/> into the packet and say where it stands; let
    /// <see cref="EncodeConnect"/> send the private id; and <see cref="Read"/> an object as <c>Dictionary&lt;string, EventArgument&gt;</c>, which
    /// <see cref="Capture"/> takes as well, because the client's <c>pid</c> and <c>offset</c> are taken out of its auth object that way.
    /// </remarks>
    public virtual bool CarriesOffsets => false;

    /// <summary>An event.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="ackId">The id under which an ack is wanted, or <see cref="Packet.NoAck"/>.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="arguments">What follows the name; each is to be taken through <see cref="Unwrap"/>.</param>
    /// <param name="offset">
    /// With recovery, one more argument at the end: 19 ASCII characters, none of which is special in JSON. They are a template. The server
    /// writes the event's position over its last ten bytes, in the packet itself, in the moment in which the event takes its place in the
    /// order; so they must stand in the first message as they are, and the packet must say where (see the factories of
    /// <see cref="EncodedPacket"/>). Null without recovery, and always if <see cref="CarriesOffsets"/> is false.
    /// </param>
    /// <returns>The packet.</returns>
    public abstract EncodedPacket EncodeEvent(
        string nsp, long ackId, string eventName, ReadOnlySpan<object?> arguments, string? offset = null);

    /// <summary>An acknowledgement.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="ackId">The id that the event came with.</param>
    /// <param name="arguments">The answer; each is to be taken through <see cref="Unwrap"/>.</param>
    /// <returns>The packet.</returns>
    public abstract EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> arguments);

    /// <summary>The server's answer to CONNECT: an object with <c>sid</c>, with recovery also <c>pid</c>, and no other key.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="sid">The socket's public id.</param>
    /// <param name="pid">The session's private id; null without recovery, when the key must be absent.</param>
    /// <returns>The packet.</returns>
    public abstract EncodedPacket EncodeConnect(string nsp, string sid, string? pid);

    /// <summary>The server's refusal: an object with <c>message</c>, and <c>data</c> unless it is null.</summary>
    /// <param name="nsp">The namespace, with its slash, as the client named it.</param>
    /// <param name="message">What clients show as the message of the error.</param>
    /// <param name="data">What the application adds; null for nothing.</param>
    /// <returns>The packet.</returns>
    public abstract EncodedPacket EncodeConnectError(string nsp, string message, object? data);

    /// <summary>This end leaves a namespace.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <returns>The packet.</returns>
    public abstract EncodedPacket EncodeDisconnect(string nsp);

    /// <summary>A client's CONNECT.</summary>
    /// <param name="nsp">The namespace, with its slash.</param>
    /// <param name="auth">What becomes an object on the wire; null for none.</param>
    /// <returns>The packet.</returns>
    /// <exception cref="ArgumentException">The value does not become an object.</exception>
    public abstract EncodedPacket EncodeConnectRequest(string nsp, object? auth);

    /// <summary>A decoder for one connection.</summary>
    /// <param name="maxPacketBytes">
    /// How many bytes one packet may have that comes as several messages, all of them together. Each by itself is bounded already.
    /// </param>
    /// <returns>A new decoder.</returns>
    public abstract PacketDecoder CreateDecoder(long maxPacketBytes);

    /// <summary>Serialises a value now and keeps the bytes: a snapshot that later changes of the object don't reach.</summary>
    /// <param name="value">What <see cref="EncodeEvent"/> takes as an argument.</param>
    /// <returns>The value as if it had been received.</returns>
    public abstract EventArgument Capture(object? value);

    /// <summary>Reads a value that this parser captured or decoded. Called each time anew.</summary>
    /// <typeparam name="T">The type that a handler wants. <c>object</c> stands for whatever fits the value best.</typeparam>
    /// <param name="value">The bytes of the value, which came from the network.</param>
    /// <param name="attachments">What the argument was made with beside its bytes.</param>
    /// <returns>The value.</returns>
    /// <exception cref="EventArgumentException">The value does not have this type, which is the peer's fault.</exception>
    /// <exception cref="NotSupportedException">The parser can't read this type, whatever the value.</exception>
    public abstract T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments);

    /// <summary>Whether a value is null.</summary>
    /// <param name="value">The bytes of a value that this parser captured or decoded.</param>
    /// <returns>True for what a handler is to see as null.</returns>
    public abstract bool IsNull(ReadOnlyMemory<byte> value);

    /// <summary>A value as text, preferably JSON, for debuggers and logs of the application.</summary>
    /// <param name="value">The bytes of a value that this parser captured or decoded.</param>
    /// <returns>The text.</returns>
    public abstract string Describe(ReadOnlyMemory<byte> value);

    /// <summary>Makes an argument of a value that was decoded or captured.</summary>
    /// <param name="value">The value in this parser's own form, not empty. Nobody may write to it any more.</param>
    /// <param name="attachments">What <see cref="Read"/> needs beside it; null for nothing.</param>
    /// <returns>The argument, which is bound to this parser.</returns>
    protected EventArgument CreateArgument(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[]? attachments = null) =>
        value.IsEmpty ? throw new ArgumentException("A value has at least one byte.", nameof(value)) : new(this, value, attachments ?? []);

    /// <summary>Makes the arguments of an event or an acknowledgement that was decoded.</summary>
    /// <param name="packet">Where the values lie. Nobody may write to it any more.</param>
    /// <param name="values">The place of each value, not empty.</param>
    /// <param name="attachments">What <see cref="Read"/> needs beside them; null for nothing.</param>
    /// <returns>The arguments, which are bound to this parser.</returns>
    protected EventArguments CreateArguments(
        ReadOnlyMemory<byte> packet, ReadOnlySpan<Range> values, ReadOnlyMemory<byte>[]? attachments = null)
    {
        var ranges = new ArgumentRange[values.Length];
        for (var i = 0; i < ranges.Length; i++)
        {
            var (start, length) = values[i].GetOffsetAndLength(packet.Length);
            ranges[i] = length > 0 ? new(start, length) : throw new ArgumentException("A value has at least one byte.", nameof(values));
        }

        return ranges.Length == 0 ? EventArguments.Empty : new(this, packet, ranges, attachments ?? []);
    }

    /// <summary>
    /// The bytes of an argument that is passed on, as this parser made them: they can go out as they are. False for the default argument, which
    /// is null, and for one of another parser: read it as <see cref="JsonElement"/>, for example.
    /// </summary>
    /// <param name="argument">What is to be written.</param>
    /// <param name="value">The value in this parser's own form.</param>
    /// <param name="attachments">What it was made with beside its bytes.</param>
    /// <returns>Whether the argument is this parser's own.</returns>
    protected bool TryGetBytes(EventArgument argument, out ReadOnlyMemory<byte> value, out ReadOnlyMemory<byte>[] attachments)
    {
        (value, attachments) = (argument.Value, argument.Attachments);
        return argument.Parser == this;
    }

    /// <summary>
    /// What an argument of an emit is to be serialised as: usually the argument itself, by its own type. The argument of a
    /// <see cref="SocketEvent{T}"/> may have been declared as a base class.
    /// </summary>
    /// <param name="argument">One of the arguments that an encoding method was given.</param>
    /// <param name="type">The type under whose contract to write it; <c>object</c> for null.</param>
    /// <returns>The value to write: null, an <see cref="EventArgument"/>, or something to serialise.</returns>
    protected static object? Unwrap(object? argument, out Type type)
    {
        if (argument is DeclaredArgument declared)
        {
            type = declared.Type;
            return declared.Value;
        }

        type = argument?.GetType() ?? typeof(object);
        return argument;
    }

    /// <summary>What <see cref="Capture"/> made once, perhaps in another process, out of its bytes.</summary>
    internal virtual EventArgument FromCaptured(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments) => new(this, value, attachments);

    /// <summary>The refusal for a client of Engine.IO 3, which expects the data alone, or else the message alone. Such a client with another parser gets what all get.</summary>
    internal virtual EncodedPacket EncodeOlderConnectError(string nsp, string message, object? data) => EncodeConnectError(nsp, message, data);

    /// <summary>
    /// Whether <see cref="WithoutOffset"/> can be asked, which happens under the lock of the log, where only our own code may run. With another parser an event for clients of Engine.IO 3 is encoded once more
    /// instead, before the lock.
    /// </summary>
    internal virtual bool CutsOffsets => false;

    /// <summary>An event that has an offset, for clients of Engine.IO 3, who are told none; the packet itself stays as it is.</summary>
    internal virtual EncodedPacket WithoutOffset(EncodedPacket packet) => throw new NotSupportedException();

    /// <summary>
    /// A value of this parser for one that writes JSON: with placeholders for its binary values, which stand in the second result.
    /// </summary>
    internal virtual (ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte>[] Attachments) ToJson(
        ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments) =>
        (Encoding.UTF8.GetBytes(Read<JsonElement>(value, attachments).GetRawText()), []);
}
