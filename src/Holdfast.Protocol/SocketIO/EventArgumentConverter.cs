using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Protocol;

/// <summary>
/// Lets an undecoded argument stand anywhere in an object that is sent or received. Its bytes pass through as they are, except for the
/// numbers of its binary values: these belong to the packet that it came with. What came in another format is translated.
/// </summary>
internal sealed class EventArgumentConverter(JsonPacketParser parser) : JsonConverter<EventArgument>
{
    public override bool HandleNull => true;

    public override EventArgument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        return new EventArgument(parser, JsonMarshal.GetRawUtf8Value(element).ToArray(), BinaryConverter.Attachments ?? []);
    }

    public override void Write(Utf8JsonWriter writer, EventArgument value, JsonSerializerOptions options)
    {
        if (JsonPacketBuffer.Current is { } buffer && buffer.Json == writer)
        {
            Write(buffer, value);
        }
        else
        {
            writer.WriteRawValue(Json(value, out _), skipInputValidation: true);
        }
    }

    public static void Write(JsonPacketBuffer buffer, EventArgument value)
    {
        if (value.Parser is MessagePackParser && buffer.TakesEncoded)
        {
            buffer.WriteEncoded(value.Value);
            return;
        }

        var json = Json(value, out var attachments);
        if (attachments.Length == 0)
        {
            buffer.Json.WriteRawValue(json, skipInputValidation: true);
        }
        else
        {
            buffer.Json.WriteRawValue(Renumber(buffer, json, attachments), skipInputValidation: true);
        }
    }

    /// <summary>Copies the JSON with new placeholders, and adds the bytes that they stand for to the packet being written.</summary>
    private static ReadOnlySpan<byte> Renumber(JsonPacketBuffer buffer, ReadOnlySpan<byte> json, ReadOnlyMemory<byte>[] attachments)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 16);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonPacketParser.WriterDepth });
        var copied = 0;
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.StartObject
                && Placeholder.TryRead(ref reader, out var number) && number < attachments.Length)
            {
                output.Write(json[copied..start]);
                WriteBinary(buffer, output, attachments[number]);
                copied = (int)reader.BytesConsumed;
            }
        }

        output.Write(json[copied..]);
        return output.WrittenSpan;
    }

    private static void WriteBinary(JsonPacketBuffer buffer, ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> bytes)
    {
        if (buffer.CarriesBinary)
        {
            using var json = new Utf8JsonWriter(output);
            Placeholder.Write(json, buffer.Attach(bytes));
            return;
        }

        var text = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes.Span, text, out _, out _);
        output.Write("\""u8);
        output.Write(text);
        output.Write("\""u8);
    }

    /// <summary>What another parser made is not JSON yet.</summary>
    private static ReadOnlySpan<byte> Json(EventArgument value, out ReadOnlyMemory<byte>[] attachments)
    {
        if (value.Parser is null)
        {
            attachments = [];
            return "null"u8;
        }

        (var json, attachments) = value.Parser.ToJson(value.Value, value.Attachments);
        return json.Span;
    }
}
