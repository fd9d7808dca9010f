using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.JsFixture;

/// <summary>
/// A packet parser as an application may write one: each packet is one text message, <c>{"type":2,"nsp":"/","id":7,"data":[...]}</c>, the counterpart of the custom parser in the documentation
/// of Socket.IO. It uses what is public and nothing else. Binary values become base64 text.
/// </summary>
internal sealed class EnvelopeParser : PacketParser
{
    private readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web);

    public EnvelopeParser() => _options.Converters.Add(new ArgumentConverter(this));

    public override bool CarriesOffsets => true;

    public override EncodedPacket EncodeEvent(string nsp, long ackId, string eventName, ReadOnlySpan<object?> arguments, string? offset = null)
    {
        var packet = new Envelope(PacketType.Event, nsp, ackId);
        packet.Json.WriteStartArray("data");
        packet.Json.WriteStringValue(eventName);
        WriteAll(packet.Json, arguments);
        if (offset is not null)
            packet.Json.WriteStringValue(offset);
        packet.Json.WriteEndArray();

        // Behind the offset stand its quote and the two brackets of the array and the envelope.
        var text = packet.End();
        return EncodedPacket.FromText(text, offsetIndex: offset is null ? -1 : text.Length - 3 - offset.Length);
    }

    public override EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> arguments)
    {
        var packet = new Envelope(PacketType.Ack, nsp, ackId);
        packet.Json.WriteStartArray("data");
        WriteAll(packet.Json, arguments);
        packet.Json.WriteEndArray();
        return EncodedPacket.FromText(packet.End());
    }

    public override EncodedPacket EncodeConnect(string nsp, string sid, string? pid)
    {
        var packet = new Envelope(PacketType.Connect, nsp);
        packet.Json.WriteStartObject("data");
        packet.Json.WriteString("sid", sid);
        if (pid is not null)
            packet.Json.WriteString("pid", pid);
        packet.Json.WriteEndObject();
        return EncodedPacket.FromText(packet.End());
    }

    public override EncodedPacket EncodeConnectError(string nsp, string message, object? data)
    {
        var packet = new Envelope(PacketType.ConnectError, nsp);
        packet.Json.WriteStartObject("data");
        packet.Json.WriteString("message", message);
        if (data is not null)
        {
            packet.Json.WritePropertyName("data");
            Write(packet.Json, data);
        }
        packet.Json.WriteEndObject();
        return EncodedPacket.FromText(packet.End());
    }

    public override EncodedPacket EncodeDisconnect(string nsp) => EncodedPacket.FromText(new Envelope(PacketType.Disconnect, nsp).End());

    public override EncodedPacket EncodeConnectRequest(string nsp, object? auth)
    {
        var packet = new Envelope(PacketType.Connect, nsp);
        if (auth is not null)
        {
            packet.Json.WritePropertyName("data");
            Write(packet.Json, auth);
        }
        return EncodedPacket.FromText(packet.End());
    }

    public override PacketDecoder CreateDecoder(long maxPacketBytes) => new Decoder(this);

    public override EventArgument Capture(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
            Write(json, value);
        return CreateArgument(output.WrittenMemory.ToArray());
    }

    public override T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
        where T : default
    {
        try
        {
            return JsonSerializer.Deserialize<T>(value.Span, _options);
        }
        catch (JsonException exception)
        {
            throw new EventArgumentException(typeof(T), exception);
        }
    }

    public override bool IsNull(ReadOnlyMemory<byte> value) => value.Span.SequenceEqual("null"u8);

    public override string Describe(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    private void WriteAll(Utf8JsonWriter json, ReadOnlySpan<object?> arguments)
    {
        foreach (var argument in arguments)
            Write(json, argument);
    }

    private void Write(Utf8JsonWriter json, object? argument)
    {
        var value = Unwrap(argument, out var type);
        JsonSerializer.Serialize(json, value, type, _options);
    }

    /// <summary>What stands in front of the data of each packet.</summary>
    private sealed class Envelope
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public Envelope(PacketType type, string nsp, long ackId = Packet.NoAck)
        {
            Json = new Utf8JsonWriter(_bytes);
            Json.WriteStartObject();
            Json.WriteNumber("type", (int)type);
            Json.WriteString("nsp", nsp);
            if (ackId != Packet.NoAck)
                Json.WriteNumber("id", ackId);
        }

        public Utf8JsonWriter Json { get; }

        public ReadOnlySpan<byte> End()
        {
            Json.WriteEndObject();
            Json.Dispose();
            return _bytes.WrittenSpan;
        }
    }

    /// <summary>An argument that was not read yet, inside of an object that is.</summary>
    private sealed class ArgumentConverter(EnvelopeParser parser) : JsonConverter<EventArgument>
    {
        public override bool HandleNull => true;

        public override EventArgument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            parser.CreateArgument(Encoding.UTF8.GetBytes(JsonElement.ParseValue(ref reader).GetRawText()));

        public override void Write(Utf8JsonWriter writer, EventArgument value, JsonSerializerOptions options)
        {
            if (parser.TryGetBytes(value, out var bytes, out _))
                writer.WriteRawValue(bytes.Span, skipInputValidation: true);
            else
                JsonSerializer.Serialize(writer, value.Get<JsonElement?>(), options);
        }
    }

    private sealed class Decoder(EnvelopeParser parser) : PacketDecoder
    {
        public override bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet)
        {
            if (isBinary)
                throw new ProtocolException("binary instead of an envelope");
            try
            {
                using var document = JsonDocument.Parse(message);
                packet = Read(document.RootElement);
                return true;
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new ProtocolException("no envelope", exception);
            }
        }

        private Packet Read(JsonElement envelope)
        {
            var nsp = envelope.GetProperty("nsp").GetString() ?? throw new ProtocolException("no namespace");
            var ackId = envelope.TryGetProperty("id", out var id) ? id.GetInt64() : Packet.NoAck;
            var hasData = envelope.TryGetProperty("data", out var data);
            switch ((PacketType)envelope.GetProperty("type").GetByte())
            {
                case PacketType.Connect when !hasData:
                    return Packet.Connect(nsp, default);
                case PacketType.Connect when data.ValueKind == JsonValueKind.Object:
                    return Packet.Connect(nsp, parser.CreateArgument(Bytes(data)));
                case PacketType.Disconnect:
                    return Packet.Disconnect(nsp);
                case PacketType.Event:
                    return Packet.Event(nsp, ackId, data[0].GetString() ?? throw new ProtocolException("no name"), Arguments(data, skip: 1));
                case PacketType.Ack:
                    return Packet.Ack(nsp, ackId, Arguments(data, skip: 0));
                default:
                    throw new ProtocolException("no packet of a client");
            }
        }

        /// <summary>One array for all of them, as the message itself would be if the parser knew where in it they stand.</summary>
        private EventArguments Arguments(JsonElement data, int skip)
        {
            var bytes = new ArrayBufferWriter<byte>();
            var places = new List<Range>();
            foreach (var value in data.EnumerateArray().Skip(skip))
            {
                var start = bytes.WrittenCount;
                bytes.Write(Bytes(value));
                places.Add(start..bytes.WrittenCount);
            }
            return parser.CreateArguments(bytes.WrittenMemory, places.ToArray());
        }

        private static byte[] Bytes(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());
    }
}
