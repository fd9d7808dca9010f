// Checks the JSON of a packet and finds its arguments, in one pass from front to back: no document, no strings but the event's name.
// The framework's reader does the grammar (depth at most 64, nothing behind the value); this adds what Socket.IO demands on top of it.

using System.Buffers;
using System.Text.Json;

namespace Holdfast.Protocol;

internal ref struct JsonPayload
{
    public const int MaxDepth = 64;

    private readonly int _attachments;
    private readonly bool[] _seen;
    private Utf8JsonReader _reader;

    /// <param name="json">All of the packet behind its header.</param>
    /// <param name="attachments">How many binary values follow: with 0, placeholders are objects like others.</param>
    public JsonPayload(ReadOnlySpan<byte> json, int attachments)
    {
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        _attachments = attachments;
        _seen = attachments == 0 ? [] : new bool[attachments];
    }

    /// <summary>How many tokens have been read: never more than there are bytes, whatever the peer sends.</summary>
    public int Tokens { get; private set; }

    /// <summary>Reads the one value of a payload that is no array, and answers with its type.</summary>
    public JsonTokenType ReadValue()
    {
        Next();
        var type = _reader.TokenType;
        SkipValue();
        End();
        return type;
    }

    /// <summary>Reads the array of an event, with its name, or of an ack.</summary>
    /// <param name="offset">What to add to the positions found, so that they count from the start of the packet.</param>
    /// <param name="named">Whether the first element is an event's name.</param>
    /// <param name="lastName">The name of the event before, which is reused when it comes again.</param>
    /// <param name="name">The event's name.</param>
    public ArgumentRange[] ReadArguments(int offset, bool named, string? lastName, out string? name)
    {
        name = null;
        Next();
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new ProtocolException("invalid payload");
        }

        Next();
        if (named)
        {
            name = ReadName(lastName);
            Next();
        }

        var found = ArrayPool<ArgumentRange>.Shared.Rent(8);
        var count = 0;
        try
        {
            for (; _reader.TokenType != JsonTokenType.EndArray; Next())
            {
                var start = (int)_reader.TokenStartIndex;
                SkipValue();
                if (count == found.Length)
                {
                    found = Grow(found);
                }

                found[count++] = new ArgumentRange(offset + start, (int)_reader.BytesConsumed - start);
            }

            End();
            return found.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<ArgumentRange>.Shared.Return(found);
        }
    }

    private static ArgumentRange[] Grow(ArgumentRange[] found)
    {
        var larger = ArrayPool<ArgumentRange>.Shared.Rent(found.Length * 2);
        found.CopyTo(larger, 0);
        ArrayPool<ArgumentRange>.Shared.Return(found);
        return larger;
    }

    /// <summary>The names that both ends use for themselves would let a peer raise the application's own events.</summary>
    private readonly string ReadName(string? lastName)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.String:
                var name = lastName is not null && _reader.ValueTextEquals(lastName) ? lastName : _reader.GetString()!;
                return EventName.IsReserved(name) ? throw new ProtocolException("reserved event name") : name;
            case JsonTokenType.Number:
                return System.Text.Encoding.UTF8.GetString(_reader.ValueSpan);
            default:
                throw new ProtocolException("invalid payload");
        }
    }

    /// <summary>From the first token of a value to its last, looking for placeholders on the way.</summary>
    private void SkipValue()
    {
        var depth = _reader.CurrentDepth;
        var marked = false;
        while (true)
        {
            var type = _reader.TokenType;
            if (_attachments > 0)
            {
                if (type == JsonTokenType.StartObject && Placeholder.TryRead(ref _reader, out var number))
                {
                    Claim(number);
                    type = JsonTokenType.EndObject;
                }

                // A mark that is not part of a whole placeholder: JavaScript would take the object for one and fail.
                if (marked && type == JsonTokenType.True)
                {
                    throw new ProtocolException("illegal attachments");
                }

                marked = type == JsonTokenType.PropertyName && Placeholder.IsMark(ref _reader);
            }

            var opens = type is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (!opens && type != JsonTokenType.PropertyName && _reader.CurrentDepth == depth)
            {
                return;
            }

            Next();
        }
    }

    /// <summary>Every attachment stands in one place only, or a short packet could ask for the same large one again and again.</summary>
    private readonly void Claim(int number)
    {
        if (number >= _attachments || _seen[number])
        {
            throw new ProtocolException("illegal attachments");
        }

        _seen[number] = true;
    }

    private void Next()
    {
        Tokens++;
        if (!_reader.Read())
        {
            throw new ProtocolException("invalid payload");
        }
    }

    private void End()
    {
        if (_reader.Read())
        {
            throw new ProtocolException("invalid payload");
        }
    }
}
