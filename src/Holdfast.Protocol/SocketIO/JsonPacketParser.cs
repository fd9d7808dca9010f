using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Protocol;

/// <summary>
/// The default parser: JSON text with binary values beside it. One pass of the serializer writes the JSON into a buffer of the thread and
/// collects the binary values; only then is their number known, which stands in front, so the packet is put together at the end in one
/// exact array.
/// </summary>
internal sealed class JsonPacketParser : PacketParser
{
    /// <summary>The depth to which the framework's writer goes; what it wrote has to be readable.</summary>
    public const int WriterDepth = 1000;

    private readonly JsonSerializerOptions _options;
    private readonly int _maxAttachments;

    /// <param name="options">The application's options, copied; see <see cref="JsonDefaults"/> for what is added.</param>
    /// <param name="maxAttachments">The most binary values that one packet may carry, in either direction.</param>
    public JsonPacketParser(JsonSerializerOptions? options = null, int maxAttachments = DefaultMaxAttachments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAttachments, 1);
        _maxAttachments = maxAttachments;
        PlainPrimitives = options is null
            || (options.Converters.Count == 0 && (options.NumberHandling & ~JsonNumberHandling.AllowReadingFromString) == 0);
        _options = JsonDefaults.Complete(options, this);
        WriterOptions = new JsonWriterOptions { Encoder = _options.Encoder, MaxDepth = WriterDepth };
    }

    public JsonWriterOptions WriterOptions { get; }

    /// <summary>Whether text, numbers and truth values look as everybody expects, because the application has not asked for anything else.</summary>
    public bool PlainPrimitives { get; }

    public override bool CarriesOffsets => true;

    public override EncodedPacket EncodeEvent(
        string nsp, long ackId, string eventName, ReadOnlySpan<object?> arguments, string? offset = null)
    {
        var buffer = JsonPacketBuffer.Rent(this, _maxAttachments);
        try
        {
            buffer.Json.WriteStartArray();
            buffer.Json.WriteStringValue(eventName);
            WriteAll(buffer, arguments);
            if (offset is not null)
            {
                buffer.Json.WriteStringValue(offset);
            }

            buffer.Json.WriteEndArray();
            return Finish(buffer, PacketType.Event, nsp, ackId, offset);
        }
        finally
        {
            buffer.Return();
        }
    }

    internal override bool CutsOffsets => true;

    internal override EncodedPacket WithoutOffset(EncodedPacket packet)
    {
        // ...,"offset"]
        var end = packet.OffsetStart - 2;
        var bare = new byte[end + 1];
        packet.Text.Span[..end].CopyTo(bare);
        bare[end] = (byte)']';
        return new EncodedPacket(bare, packet.Attachments) { Compress = packet.Compress };
    }

    public override EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> arguments)
    {
        var buffer = JsonPacketBuffer.Rent(this, _maxAttachments);
        try
        {
            buffer.Json.WriteStartArray();
            WriteAll(buffer, arguments);
            buffer.Json.WriteEndArray();
            return Finish(buffer, PacketType.Ack, nsp, ackId);
        }
        finally
        {
            buffer.Return();
        }
    }

    public override EncodedPacket EncodeConnect(string nsp, string sid, string? pid) =>
        EncodeObject(PacketType.Connect, nsp, (sid, pid), static (_, buffer, ids) =>
        {
            buffer.Json.WriteString("sid"u8, ids.sid);
            if (ids.pid is not null)
            {
                buffer.Json.WriteString("pid"u8, ids.pid);
            }
        });

    public override EncodedPacket EncodeConnectError(string nsp, string message, object? data) =>
        EncodeObject(PacketType.ConnectError, nsp, (message, data), static (parser, buffer, error) =>
        {
            buffer.Json.WriteString("message"u8, error.message);
            if (error.data is not null)
            {
                buffer.Json.WritePropertyName("data"u8);
                parser.Write(buffer, error.data);
            }
        });

    internal override EncodedPacket EncodeOlderConnectError(string nsp, string message, object? data)
    {
        var buffer = JsonPacketBuffer.Rent(this, maxAttachments: 0);
        try
        {
            Write(buffer, data ?? message);
            return new EncodedPacket(PacketHeader.Write(PacketType.ConnectError, 0, nsp, Packet.NoAck, buffer.Written));
        }
        finally
        {
            buffer.Return();
        }
    }

    public override EncodedPacket EncodeDisconnect(string nsp) =>
        new(PacketHeader.Write(PacketType.Disconnect, 0, nsp, Packet.NoAck, []));

    public override EncodedPacket EncodeConnectRequest(string nsp, object? auth)
    {
        var buffer = JsonPacketBuffer.Rent(this, maxAttachments: 0);
        try
        {
            if (auth is not null)
            {
                Write(buffer, auth);
                if (buffer.Written is not [(byte)'{', ..])
                {
                    throw new ArgumentException("The auth value must serialise to a JSON object.", nameof(auth));
                }
            }

            return new EncodedPacket(PacketHeader.Write(PacketType.Connect, 0, nsp, Packet.NoAck, buffer.Written));
        }
        finally
        {
            buffer.Return();
        }
    }

    public override PacketDecoder CreateDecoder(long maxPacketBytes) => new JsonPacketDecoder(this, _maxAttachments, maxPacketBytes);

    public override EventArgument Capture(object? value)
    {
        var buffer = JsonPacketBuffer.Rent(this, maxAttachments: int.MaxValue);
        try
        {
            Write(buffer, value);
            RefuseForgedPlaceholders(buffer);
            return new EventArgument(this, buffer.Written.ToArray(), buffer.TakeAttachments());
        }
        finally
        {
            buffer.Return();
        }
    }

    public override T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
        where T : default => ReadJson<T>(value.Span, attachments);

    /// <summary>As <see cref="Read"/>, for JSON that does not outlive the call.</summary>
    public T? ReadJson<T>(ReadOnlySpan<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        var outer = BinaryConverter.Attachments;
        BinaryConverter.Attachments = attachments;
        try
        {
            return typeof(T) == typeof(object) && BinaryConverter.TryReadWhole(json, out var binary)
                ? (T)(object)binary.ToArray()
                : JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));
        }
        catch (JsonException exception)
        {
            throw new EventArgumentException(typeof(T), exception);
        }
        finally
        {
            BinaryConverter.Attachments = outer;
        }
    }

    public override bool IsNull(ReadOnlyMemory<byte> value) => value.Span.SequenceEqual("null"u8);

    public override string Describe(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    internal override (ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte>[] Attachments) ToJson(
        ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments) => (value, attachments);

    private EncodedPacket EncodeObject<TState>(
        PacketType type, string nsp, TState state, Action<JsonPacketParser, JsonPacketBuffer, TState> writeProperties)
    {
        var buffer = JsonPacketBuffer.Rent(this, maxAttachments: 0);
        try
        {
            buffer.Json.WriteStartObject();
            writeProperties(this, buffer, state);
            buffer.Json.WriteEndObject();
            return new EncodedPacket(PacketHeader.Write(type, 0, nsp, Packet.NoAck, buffer.Written));
        }
        finally
        {
            buffer.Return();
        }
    }

    private static EncodedPacket Finish(JsonPacketBuffer buffer, PacketType type, string nsp, long ackId, string? offset = null)
    {
        RefuseForgedPlaceholders(buffer);
        var text = PacketHeader.Write(type, buffer.AttachmentCount, nsp, ackId, buffer.Written);

        // The offset is the last argument: ...,"<offset>"]
        return new EncodedPacket(text, buffer.TakeAttachments()) { OffsetStart = offset is null ? -1 : text.Length - 2 - offset.Length };
    }

    /// <summary>
    /// An object that looks like a placeholder may have come from a peer who hopes that it is relayed beside real binary: all receivers
    /// would then fail to read the packet and lose their connection.
    /// </summary>
    private static void RefuseForgedPlaceholders(JsonPacketBuffer buffer)
    {
        if (buffer.AttachmentCount == 0)
        {
            return; // without binary values nobody looks for placeholders
        }

        var reader = new Utf8JsonReader(buffer.Written, new JsonReaderOptions { MaxDepth = WriterDepth });
        var marks = 0;
        while (reader.Read())
        {
            var isMark = reader.TokenType == JsonTokenType.PropertyName && Placeholder.IsMark(ref reader);
            marks += isMark && reader.Read() && reader.TokenType == JsonTokenType.True ? 1 : 0;
        }

        if (marks != buffer.AttachmentCount)
        {
            throw new ArgumentException(
                "An object with \"_placeholder\": true stands beside binary values, and receivers would take it for one of them. " +
                "Rename the property or send it in an event without binary values.");
        }
    }

    private void WriteAll(JsonPacketBuffer buffer, ReadOnlySpan<object?> arguments)
    {
        foreach (var argument in arguments)
        {
            Write(buffer, argument);
        }
    }

    /// <summary>Writes one value; <see cref="JsonPacketBuffer.Rent"/> comes before it.</summary>
    public void Write(JsonPacketBuffer buffer, object? value)
    {
        switch (value)
        {
            case null:
                buffer.Json.WriteNullValue();
                break;
            case EventArgument received:
                EventArgumentConverter.Write(buffer, received);
                break;
            case DeclaredArgument declared:
                JsonSerializer.Serialize(buffer.Json, declared.Value, _options.GetTypeInfo(declared.Type));
                break;
            case string text when PlainPrimitives:
                buffer.Json.WriteStringValue(text);
                break;
            case int number when PlainPrimitives:
                buffer.Json.WriteNumberValue(number);
                break;
            case bool truth when PlainPrimitives:
                buffer.Json.WriteBooleanValue(truth);
                break;
            default:
                JsonSerializer.Serialize(buffer.Json, value, _options.GetTypeInfo(value.GetType()));
                break;
        }
    }
}
