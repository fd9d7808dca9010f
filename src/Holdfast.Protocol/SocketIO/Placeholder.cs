// Binary values leave the JSON: each is replaced by {"_placeholder":true,"num":N}, where N counts the attachments that follow the
// packet. A peer may forge one, and then somebody reads outside of the attachments, the same megabyte is read ten thousand times, or a
// relayed event becomes unreadable for everyone. So in a packet with attachments only the canonical form passes, in both directions.

using System.Buffers.Text;
using System.Text.Json;

namespace Holdfast.Protocol;

internal static class Placeholder
{
    public static ReadOnlySpan<byte> Mark => "_placeholder"u8;

    private static ReadOnlySpan<byte> Number => "num"u8;

    public static void Write(Utf8JsonWriter json, int number)
    {
        json.WriteStartObject();
        json.WriteBoolean(Mark, true);
        json.WriteNumber(Number, number);
        json.WriteEndObject();
    }

    /// <summary>Whether the reader stands on the mark's name; its value is still to come.</summary>
    public static bool IsMark(ref Utf8JsonReader reader) => IsWord(ref reader, Mark);

    /// <summary>
    /// Reads a placeholder from the object's start to its end. False, with the reader where it was, for every other object. The two keys
    /// may stand in either order: some clients keep them in unordered maps.
    /// </summary>
    public static bool TryRead(ref Utf8JsonReader reader, out int number)
    {
        var probe = reader;
        number = -1;
        var marked = false;
        while (probe.Read() && probe.TokenType == JsonTokenType.PropertyName)
        {
            if (!marked && IsMark(ref probe))
            {
                marked = probe.Read() && probe.TokenType == JsonTokenType.True;
            }
            else if (number < 0 && IsWord(ref probe, Number)
                && probe.Read() && probe.TokenType == JsonTokenType.Number && probe.TryGetInt32(out var value) && value >= 0)
            {
                number = value;
            }
            else
            {
                return false;
            }
        }

        if (!marked || number < 0 || probe.TokenType != JsonTokenType.EndObject)
        {
            return false;
        }

        reader = probe;
        return true;
    }

    /// <summary>
    /// Compares a name with a word of ASCII letters, in which only \u escapes can occur. The reader's own comparison throws when the name
    /// has half of a surrogate pair in it, and a peer could make that happen in every key of a packet.
    /// </summary>
    private static bool IsWord(ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        var name = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return name.SequenceEqual(word);
        }

        foreach (var letter in word)
        {
            if (name is [(byte)'\\', (byte)'u', ..] && name.Length >= 6)
            {
                if (!Utf8Parser.TryParse(name.Slice(2, 4), out ushort code, out var read, 'x') || read != 4 || code != letter)
                {
                    return false;
                }

                name = name[6..];
            }
            else if (name.IsEmpty || name[0] != letter)
            {
                return false;
            }
            else
            {
                name = name[1..];
            }
        }

        return name.IsEmpty;
    }
}
