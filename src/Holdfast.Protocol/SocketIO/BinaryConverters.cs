using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Protocol;

/// <summary>What the converters of the four binary types share: the attachments of the value that this thread is reading.</summary>
internal static class BinaryConverter
{
    [ThreadStatic]
    private static ReadOnlyMemory<byte>[]? t_attachments;

    /// <summary>Null outside of a read.</summary>
    public static ReadOnlyMemory<byte>[]? Attachments
    {
        get => t_attachments;
        set => t_attachments = value;
    }

    public static void AddTo(IList<JsonConverter> converters)
    {
        converters.Add(new BytesConverter());
        converters.Add(new ReadOnlyMemoryConverter());
        converters.Add(new MemoryConverter());
        converters.Add(new SegmentConverter());
    }

    /// <summary>Whether a value is a placeholder and nothing else; for those who ask for no type in particular.</summary>
    public static bool TryReadWhole(ReadOnlySpan<byte> value, out ReadOnlyMemory<byte> binary)
    {
        var reader = new Utf8JsonReader(value);
        if (Attachments is { Length: > 0 } attachments && reader.Read() && reader.TokenType == JsonTokenType.StartObject
            && Placeholder.TryRead(ref reader, out var number) && number < attachments.Length)
        {
            binary = attachments[number];
            return true;
        }

        binary = default;
        return false;
    }

    /// <summary>An attachment, or base64 text from peers that have no binary.</summary>
    public static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes))
        {
            return bytes;
        }

        return reader.TokenType == JsonTokenType.StartObject && Attachments is { } attachments
            && Placeholder.TryRead(ref reader, out var number) && number < attachments.Length
            ? attachments[number]
            : throw new JsonException("The value is not binary.");
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value)
    {
        // The application may use the same options for JSON of its own; that has no attachments.
        if (JsonPacketBuffer.Current is { } buffer && buffer.Json == writer)
        {
            buffer.WriteBinary(value);
        }
        else
        {
            writer.WriteBase64StringValue(value.Span);
        }
    }

    private sealed class BytesConverter : JsonConverter<byte[]>
    {
        public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            BinaryConverter.Read(ref reader).ToArray();

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
            BinaryConverter.Write(writer, value);
    }

    private sealed class ReadOnlyMemoryConverter : JsonConverter<ReadOnlyMemory<byte>>
    {
        public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            BinaryConverter.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
            BinaryConverter.Write(writer, value);
    }

    private sealed class MemoryConverter : JsonConverter<Memory<byte>>
    {
        public override Memory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            BinaryConverter.Read(ref reader).ToArray();

        public override void Write(Utf8JsonWriter writer, Memory<byte> value, JsonSerializerOptions options) =>
            BinaryConverter.Write(writer, value);
    }

    private sealed class SegmentConverter : JsonConverter<ArraySegment<byte>>
    {
        public override ArraySegment<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(BinaryConverter.Read(ref reader).ToArray());

        public override void Write(Utf8JsonWriter writer, ArraySegment<byte> value, JsonSerializerOptions options) =>
            BinaryConverter.Write(writer, value);
    }
}
