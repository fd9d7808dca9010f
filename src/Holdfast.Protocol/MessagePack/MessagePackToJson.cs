using System.Globalization;
using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// Writes a value as the JSON that a JSON peer would have sent for it, so that handlers need not know which parser is in use. Binary values get
/// placeholders, dates become ISO 8601 text, and what JSON has no word for (<c>undefined</c>, NaN, infinities) becomes null, as with JSON.stringify, or is
/// left out where it is a property that is undefined.
/// </summary>
internal static class MessagePackToJson
{
    /// <param name="value">One value, which <see cref="MessagePackSkip"/> has passed.</param>
    /// <param name="json">Where to write it.</param>
    /// <param name="attachments">Gets the binary values: slices of <paramref name="value"/>.</param>
    /// <exception cref="JsonException">An object looks like the placeholder of one of the binary values.</exception>
    public static void Write(ReadOnlyMemory<byte> value, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments)
    {
        Span<long> left = stackalloc long[MessagePackSkip.MaxDepth + 1]; // as in MessagePackSkip
        var maps = 0UL;
        var level = 0;
        var marks = 0;
        var marked = false; // whether the key just read is the one that placeholders have
        var reader = new MessagePackReader(value.Span);
        while (true)
        {
            var token = reader.Read();
            var isMapOpen = level > 0 && (maps & (1UL << (level - 1))) != 0;
            if (isMapOpen && (left[level] & 1) == 0)
            {
                if (!reader.TryReadUndefined())
                {
                    left[level]--;
                    marked = WriteKey(token, json);
                    continue;
                }

                left[level] -= 2; // a property without a value is none
            }
            else if (token.Kind is MessagePackKind.Array or MessagePackKind.Map)
            {
                var isMap = token.Kind == MessagePackKind.Map;
                maps = isMap ? maps | (1UL << level) : maps & ~(1UL << level);
                left[level]--;
                left[++level] = isMap ? token.Number * 2 : token.Number;
                marked = false;
                Start(json, isMap);
            }
            else
            {
                left[level]--;
                marks += marked && token is { Kind: MessagePackKind.Boolean, Number: 1 } ? 1 : 0;
                marked = false;
                WriteScalar(token, value.Slice(reader.Position - token.Bytes.Length, token.Bytes.Length), json, attachments);
            }

            for (; level > 0 && left[level] == 0; level--)
            {
                End(json, isMap: (maps & (1UL << (level - 1))) != 0);
            }

            if (level == 0)
            {
                break;
            }
        }

        // It would be read as a binary value, and each of a thousand such objects could ask for the same megabyte.
        if (marks > 0 && attachments.Count > 0)
        {
            throw new JsonException("An object looks like the placeholder of a binary value.");
        }
    }

    private static void Start(Utf8JsonWriter json, bool isMap)
    {
        if (isMap)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartArray();
        }
    }

    private static void End(Utf8JsonWriter json, bool isMap)
    {
        if (isMap)
        {
            json.WriteEndObject();
        }
        else
        {
            json.WriteEndArray();
        }
    }

    /// <summary>Keys that are no text get that of JavaScript. True: it is the name that marks a placeholder.</summary>
    private static bool WriteKey(in MessagePackToken token, Utf8JsonWriter json)
    {
        switch (token.Kind)
        {
            case MessagePackKind.Text:
                json.WritePropertyName(token.Bytes);
                return token.Bytes.SequenceEqual(Placeholder.Mark);
            case MessagePackKind.Nil:
                json.WritePropertyName("null"u8);
                return false;
            case MessagePackKind.Boolean:
                json.WritePropertyName(token.Number == 1 ? "true"u8 : "false"u8);
                return false;
            default:
                json.WritePropertyName(NumberText(token));
                return false;
        }
    }

    /// <summary>A number as text, where text is wanted: a key, or the name of an event.</summary>
    public static string NumberText(in MessagePackToken token) => token.Kind switch
    {
        MessagePackKind.Integer => token.Number.ToString(CultureInfo.InvariantCulture),
        MessagePackKind.Unsigned => unchecked((ulong)token.Number).ToString(CultureInfo.InvariantCulture),
        _ => token.Float.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void WriteScalar(
        in MessagePackToken token, ReadOnlyMemory<byte> bytes, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments)
    {
        switch (token.Kind)
        {
            case MessagePackKind.Boolean:
                json.WriteBooleanValue(token.Number == 1);
                break;
            case MessagePackKind.Integer:
                json.WriteNumberValue(token.Number);
                break;
            case MessagePackKind.Unsigned:
                json.WriteNumberValue(unchecked((ulong)token.Number));
                break;
            case MessagePackKind.Float when IsFinite(token):
                json.WriteNumberValue(token.Float);
                break;
            case MessagePackKind.Text:
                json.WriteStringValue(token.Bytes);
                break;
            case MessagePackKind.Binary:
                WriteBinary(bytes, json, attachments);
                break;
            case MessagePackKind.Extension:
                WriteExtension(token, bytes, json, attachments);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    public static bool IsFinite(in MessagePackToken token) => !double.IsNaN(token.Float) && !double.IsInfinity(token.Float);

    private static void WriteExtension(
        in MessagePackToken token, ReadOnlyMemory<byte> bytes, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments)
    {
        switch (MessagePackExtension.MeaningOf(token))
        {
            case ExtensionMeaning.Binary:
                WriteBinary(bytes, json, attachments);
                break;
            case ExtensionMeaning.Date when MessagePackExtension.ReadDate(token) is { } date:
                json.WriteStringValue(Text(date));
                break;
            case ExtensionMeaning.Unknown:
                // What the original's parser makes of it: the type and the bytes.
                json.WriteStartArray();
                json.WriteNumberValue(token.Extension);
                WriteBinary(bytes, json, attachments);
                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    /// <summary>As JavaScript writes it, with milliseconds; finer ones only if there are any.</summary>
    private static string Text(DateTime date) => date.ToString(
        date.Ticks % TimeSpan.TicksPerMillisecond == 0 ? "yyyy-MM-ddTHH:mm:ss.fffZ" : "yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static void WriteBinary(ReadOnlyMemory<byte> bytes, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments)
    {
        Placeholder.Write(json, attachments.Count);
        attachments.Add(bytes);
    }
}
