// Binary values leave the JSON: each is replaced by {"_placeholder":true,"num":N}, where N counts the attachments that follow the
// packet. A peer may forge one, and then somebody reads outside of the attachments, the same megabyte is read ten thousand times, or a
// relayed event becomes unreadable for everyone. So in a packet with attachments only the canonical form passes, in both directions.

using System.Text.Json;

namespace Holdfast.Protocol;

internal static class Placeholder
{
    private static ReadOnlySpan<byte> Mark => "_placeholder"u8;

    private static ReadOnlySpan<byte> Number => "num"u8;

    public static void Write(Utf8JsonWriter json, int number)
    {
        json.WriteStartObject();
        json.WriteBoolean(Mark, true);
        json.WriteNumber(Number, number);
        json.WriteEndObject();
    }

    /// <summary>Whether the reader stands on the mark's name; its value is still to come.</summary>
    public static bool IsMark(ref Utf8JsonReader reader) => reader.ValueTextEquals(Mark);

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
            else if (number < 0 && probe.ValueTextEquals(Number)
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
}
