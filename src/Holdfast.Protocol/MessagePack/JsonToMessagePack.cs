using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// Turns the JSON that the serializer has written into MessagePack, with the binary values in the places of their placeholders. One pass: how many
/// elements a container has is filled in at its end.
/// </summary>
internal static class JsonToMessagePack
{
    private const int UsualDepth = 64;

    /// <param name="buffer">One value and the binary values beside it.</param>
    /// <param name="output">Gets it.</param>
    /// <exception cref="ArgumentException">An object looks like a placeholder, or text has half of a surrogate pair.</exception>
    public static void Write(JsonPacketBuffer buffer, ref MessagePackWriter output)
    {
        Span<Open> open = stackalloc Open[UsualDepth];
        var level = 0; // open[0] is no container: it counts the one value
        var placed = 0;
        var reader = new Utf8JsonReader(buffer.Written, new JsonReaderOptions { MaxDepth = JsonPacketParser.WriterDepth });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    WriteText(ref reader, ref output);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    output.EndContainer(open[level].Start, reader.TokenType == JsonTokenType.EndObject, open[level].Count);
                    level--;
                    break;
                case JsonTokenType.StartObject when buffer.AttachmentCount > 0 && Placeholder.TryRead(ref reader, out var number):
                    WriteAttachment(buffer, number, placed++, ref output);
                    open[level].Count++;
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open[level].Count++;
                    if (++level == open.Length)
                    {
                        var larger = new Open[open.Length * 2];
                        open.CopyTo(larger);
                        open = larger;
                    }

                    open[level] = new Open { Start = output.BeginContainer() };
                    break;
                default:
                    open[level].Count++;
                    WriteScalar(ref reader, ref output);
                    break;
            }
        }
    }

    /// <summary>
    /// The binary values stand in the order of their placeholders. A number that is not its turn's tells of an object that only looks like one: it may
    /// have come from a peer who hopes that it is relayed beside real binary, and would be sent as that.
    /// </summary>
    private static void WriteAttachment(JsonPacketBuffer buffer, int number, int turn, ref MessagePackWriter output)
    {
        if (number != turn)
        {
            throw new ArgumentException(
                "An object with \"_placeholder\": true stands beside binary values and can't be told from the place of one of them. " +
                "Rename the property or send it in an argument without binary values.");
        }

        var (bytes, isEncoded) = buffer.GetAttachment(number);
        if (isEncoded)
        {
            output.WriteEncoded(bytes.Span);
        }
        else
        {
            output.WriteBinary(bytes.Span);
        }
    }

    private static void WriteScalar(ref Utf8JsonReader reader, ref MessagePackWriter output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                WriteText(ref reader, ref output);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var integer):
                output.WriteInteger(integer);
                break;
            case JsonTokenType.Number when reader.TryGetUInt64(out var unsigned):
                output.WriteUnsigned(unsigned);
                break;
            case JsonTokenType.Number:
                output.WriteNumber(reader.GetDouble());
                break;
            case JsonTokenType.True or JsonTokenType.False:
                output.WriteBoolean(reader.TokenType == JsonTokenType.True);
                break;
            default:
                output.WriteNil();
                break;
        }
    }

    private static void WriteText(ref Utf8JsonReader reader, ref MessagePackWriter output)
    {
        if (!reader.ValueIsEscaped)
        {
            output.WriteText(reader.ValueSpan);
            return;
        }

        try
        {
            output.EndText(reader.CopyString(output.BeginText(reader.ValueSpan.Length)));
        }
        catch (InvalidOperationException exception)
        {
            // From a JSON peer, passed on undecoded.
            throw new ArgumentException("A text has half of a surrogate pair and has no form in MessagePack.", exception);
        }
    }

    private struct Open
    {
        public int Start;
        public int Count;
    }
}
