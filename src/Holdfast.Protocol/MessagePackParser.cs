using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast;

/// <summary>
/// Packets as MessagePack, each in one binary message: the format of <c>socket.io-msgpack-parser</c>, which clients must use as well. It makes
/// events with many numbers or binary values smaller.
/// </summary>
/// <remarks>
/// <para>
/// Values of .NET are mapped as with JSON, by the same <see cref="JsonSerializerOptions"/>, contracts, converters and source-generated contexts, so
/// that an application need not know which parser is in use. Any number of binary values may stand anywhere, and <c>MaxAttachments</c> does not
/// apply. What differs from JSON text:
/// </para>
/// <list type="bullet">
/// <item>Numbers are integers of 64 bits or doubles: digits of a <c>decimal</c> that a double does not have are lost. NaN and infinities throw at
/// the emit, as with JSON.</item>
/// <item>Dates are sent as ISO 8601 text, as with JSON. A <c>Date</c> of JavaScript and a timestamp of MessagePack are read as such text, so that
/// <see cref="DateTime"/> and <see cref="DateTimeOffset"/> are the types for them; one beyond the years 1 to 9999 is read as null.</item>
/// <item><c>undefined</c>, NaN and infinities are read as null, and a property that is undefined as absent. Extensions of other types are read as an array of the type and the bytes.</item>
/// <item>Keys of objects that are numbers are read as their text.</item>
/// <item>A client of Socket.IO 2 (<c>socket.io-msgpack-parser</c> 2) is told a refusal's message; its data only if they are text, because an error is text there.</item>
/// <item>An <see cref="EventArgument"/> that is passed on keeps its bytes, and with them its dates, extensions and numbers.</item>
/// </list>
/// <para>Immutable and thread-safe, as all parsers.</para>
/// </remarks>
public sealed partial class MessagePackParser : PacketParser
{
    private readonly JsonPacketParser _json;

    /// <summary>Creates the parser.</summary>
    /// <param name="options">
    /// How values are mapped; copied. Null: the web defaults of System.Text.Json. Its <see cref="JsonSerializerOptions.Encoder"/> does not matter:
    /// nothing is escaped in MessagePack.
    /// </param>
    public MessagePackParser(JsonSerializerOptions? options = null)
    {
        _json = new JsonPacketParser(options is null ? null : new JsonSerializerOptions(options) { Encoder = null }, int.MaxValue);
    }

    /// <inheritdoc/>
    public override bool CarriesOffsets => true;

    /// <inheritdoc/>
    public override EncodedPacket EncodeEvent(
        string nsp, long ackId, string eventName, ReadOnlySpan<object?> arguments, string? offset = null)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.Event, nsp, ackId, hasData: true);
            output.WriteArrayStart(arguments.Length + (offset is null ? 1 : 2));
            output.WriteText(eventName);
            WriteAll(ref output, arguments);
            if (offset is not null)
            {
                output.WriteText(offset);
            }

            return Finish(ref output, offset?.Length ?? 0);
        }
        finally
        {
            output.Return();
        }
    }

    /// <inheritdoc/>
    public override EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> arguments)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.Ack, nsp, ackId, hasData: true);
            output.WriteArrayStart(arguments.Length);
            WriteAll(ref output, arguments);
            return Finish(ref output);
        }
        finally
        {
            output.Return();
        }
    }

    /// <inheritdoc/>
    public override EncodedPacket EncodeConnect(string nsp, string sid, string? pid)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.Connect, nsp, Packet.NoAck, hasData: true);
            output.WriteMapStart(pid is null ? 1 : 2);
            output.WriteText("sid"u8);
            output.WriteText(sid);
            if (pid is not null)
            {
                output.WriteText("pid"u8);
                output.WriteText(pid);
            }

            return Finish(ref output);
        }
        finally
        {
            output.Return();
        }
    }

    /// <inheritdoc/>
    public override EncodedPacket EncodeConnectError(string nsp, string message, object? data)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.ConnectError, nsp, Packet.NoAck, hasData: true);
            output.WriteMapStart(data is null ? 1 : 2);
            output.WriteText("message"u8);
            output.WriteText(message);
            if (data is not null)
            {
                output.WriteText("data"u8);
                Write(ref output, data);
            }

            return Finish(ref output);
        }
        finally
        {
            output.Return();
        }
    }

    /// <inheritdoc/>
    public override EncodedPacket EncodeDisconnect(string nsp) => EncodeWithoutData(PacketType.Disconnect, nsp);

    /// <inheritdoc/>
    public override EncodedPacket EncodeConnectRequest(string nsp, object? auth)
    {
        if (auth is null)
        {
            return EncodeWithoutData(PacketType.Connect, nsp);
        }

        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.Connect, nsp, Packet.NoAck, hasData: true);
            var start = output.Length;
            Write(ref output, auth);
            return new MessagePackReader(output.Written[start..]).Read().Kind == MessagePackKind.Map
                ? Finish(ref output)
                : throw new ArgumentException("The auth value must serialise to an object.", nameof(auth));
        }
        finally
        {
            output.Return();
        }
    }

    /// <inheritdoc/>
    public override PacketDecoder CreateDecoder(long maxPacketBytes) => new MessagePackDecoder(this);

    /// <summary>A snapshot of a value. It stays JSON until it is sent, so that nothing of it is lost: a decimal keeps its digits.</summary>
    /// <param name="value">What an emit takes as an argument.</param>
    /// <returns>The value as if it had been received.</returns>
    public override EventArgument Capture(object? value) => _json.Capture(value);

    internal override EventArgument FromCaptured(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments) => _json.FromCaptured(value, attachments);

    internal override EncodedPacket EncodeOlderConnectError(string nsp, string message, object? data)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, PacketType.ConnectError, nsp, Packet.NoAck, hasData: true);

            // In this format of that time an error is text, and anything else is a fault that ends the client's process.
            output.WriteText(data as string ?? message);
            return Finish(ref output);
        }
        finally
        {
            output.Return();
        }
    }

    internal override bool CutsOffsets => true;

    internal override EncodedPacket WithoutOffset(EncodedPacket packet)
    {
        // The offset is the last element of the array that is the last value of the map; the one byte before it says that it is text of its length.
        var message = packet.Attachments[0].Span;
        var bare = message[..(packet.OffsetStart - 1)].ToArray();
        var reader = new MessagePackReader(message);
        for (var token = reader.Read(); token.Kind != MessagePackKind.Array; token = reader.Read())
        {
        }

        // Whatever the form of its count, there is one element less: in big-endian order the last byte of the count is the one that changes, and what it borrows from.
        for (var at = reader.Position - 1; bare[at]-- == 0; at--)
        {
        }

        return new EncodedPacket(default, [bare]) { Compress = packet.Compress };
    }

    private static EncodedPacket EncodeWithoutData(PacketType type, string nsp)
    {
        var output = MessagePackWriter.Rent();
        try
        {
            BeginPacket(ref output, type, nsp, Packet.NoAck, hasData: false);
            return Finish(ref output);
        }
        finally
        {
            output.Return();
        }
    }

    /// <summary>The data come last, and the offset at their very end.</summary>
    private static void BeginPacket(ref MessagePackWriter output, PacketType type, string nsp, long ackId, bool hasData)
    {
        output.WriteMapStart(2 + (ackId == Packet.NoAck ? 0 : 1) + (hasData ? 1 : 0));
        output.WriteText("type"u8);
        output.WriteInteger((int)type);
        output.WriteText("nsp"u8);
        output.WriteText(nsp);
        if (ackId != Packet.NoAck)
        {
            output.WriteText("id"u8);
            output.WriteInteger(ackId);
        }

        if (hasData)
        {
            output.WriteText("data"u8);
        }
    }

    private static EncodedPacket Finish(ref MessagePackWriter output, int offsetLength = 0)
    {
        var message = output.Written.ToArray();
        return EncodedPacket.FromBinary(message, offsetLength == 0 ? -1 : message.Length - offsetLength);
    }

    private void WriteAll(ref MessagePackWriter output, ReadOnlySpan<object?> arguments)
    {
        foreach (var argument in arguments)
        {
            Write(ref output, argument);
        }
    }

    private void Write(ref MessagePackWriter output, object? value)
    {
        switch (value)
        {
            case null:
                output.WriteNil();
                break;
            case EventArgument { Parser: MessagePackParser } received:
                output.WriteEncoded(received.Value.Span);
                break;
            case string text when _json.PlainPrimitives:
                output.WriteText(text);
                break;
            case int number when _json.PlainPrimitives:
                output.WriteInteger(number);
                break;
            case long number when _json.PlainPrimitives:
                output.WriteInteger(number);
                break;
            case bool truth when _json.PlainPrimitives:
                output.WriteBoolean(truth);
                break;
            case byte[] bytes when _json.PlainPrimitives:
                output.WriteBinary(bytes);
                break;
            default:
                WriteThroughJson(ref output, value);
                break;
        }
    }

    private void WriteThroughJson(ref MessagePackWriter output, object value)
    {
        var buffer = JsonPacketBuffer.Rent(_json, int.MaxValue, takesEncoded: true);
        try
        {
            _json.Write(buffer, value);
            JsonToMessagePack.Write(buffer, ref output);
        }
        finally
        {
            buffer.Return();
        }
    }
}
