using System.Buffers;

namespace Holdfast.Protocol;

// Polling for browsers that can make no cross-domain request but load scripts and send forms. A poll's body travels as a string in a call of a function of the page,
//
//     ___eio[0]("96:0{\"sid\":...}");
//
// and a POST's body as the field d of a form. Browsers change the newlines of a form's field, so the client writes a newline as \n, and what is \n already as \\n.

/// <summary>The two envelopes around polling payloads.</summary>
internal static class Jsonp
{
    /// <summary>The page's function has a number: so many digits at most.</summary>
    private const int MaxDigits = 10;

    /// <summary>Whether it is the number of a function of the page. It is written into a script, so digits it must be.</summary>
    public static bool IsFunction(string? name)
    {
        if (name is not { Length: > 0 and <= MaxDigits })
        {
            return false;
        }

        foreach (var character in name)
        {
            if (character is < '0' or > '9')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The script that hands a payload to the function of that number.</summary>
    public static void WriteScript(string function, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        var head = output.GetSpan(10 + function.Length);
        "___eio["u8.CopyTo(head);
        for (var i = 0; i < function.Length; i++)
        {
            head[7 + i] = (byte)function[i];
        }

        "](\""u8.CopyTo(head[(7 + function.Length)..]);
        output.Advance(10 + function.Length);
        WriteEscaped(payload, output);
        output.Write("\");"u8);
    }

    /// <summary>The payload in the form's field, decoded in place.</summary>
    /// <exception cref="ProtocolException">There is no such field, or it is wrongly encoded.</exception>
    public static Memory<byte> ReadForm(Memory<byte> form)
    {
        for (var rest = form; !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'&');
            var field = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (field.Span is [(byte)'d', (byte)'=', ..])
            {
                var payload = field[2..];
                payload = payload[..Decode(payload.Span)];
                return payload[..RestoreNewlines(payload.Span)];
            }
        }

        throw new ProtocolException("no field d in the form");
    }

    /// <summary>As JSON.stringify escapes, and the two characters that end a line in JavaScript but not in JSON.</summary>
    private static void WriteEscaped(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var clean = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var width = 1;
            var escape = text[at] switch
            {
                (byte)'"' => "\\\""u8,
                (byte)'\\' => "\\\\"u8,
                (byte)'\n' => "\\n"u8,
                (byte)'\r' => "\\r"u8,
                (byte)'\t' => "\\t"u8,
                (byte)'\b' => "\\b"u8,
                (byte)'\f' => "\\f"u8,
                < 0x20 => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)('0' + (text[at] >> 4)), HexDigit(text[at] & 15)],
                0xe2 when IsLineEnd(text[at..], ref width) => text[at + 2] == 0xa8 ? "\\u2028"u8 : "\\u2029"u8,
                _ => [],
            };
            if (!escape.IsEmpty)
            {
                output.Write(text[clean..at]);
                output.Write(escape);
                at += width - 1;
                clean = at + 1;
            }
        }

        output.Write(text[clean..]);
    }

    private static bool IsLineEnd(ReadOnlySpan<byte> text, ref int width)
    {
        if (text is not [0xe2, 0x80, 0xa8 or 0xa9, ..])
        {
            return false;
        }

        width = 3;
        return true;
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    /// <summary>The form's own encoding: + is a space, %41 a byte.</summary>
    private static int Decode(Span<byte> field)
    {
        var to = 0;
        for (var at = 0; at < field.Length; at++)
        {
            field[to++] = field[at] switch
            {
                (byte)'+' => (byte)' ',
                (byte)'%' => DecodeByte(field, ref at),
                var other => other,
            };
        }

        return to;
    }

    private static byte DecodeByte(ReadOnlySpan<byte> field, ref int at)
    {
        if (at + 2 >= field.Length || ValueOf(field[at + 1]) is not { } high || ValueOf(field[at + 2]) is not { } low)
        {
            throw new ProtocolException("the form is wrongly encoded");
        }

        at += 2;
        return (byte)((high << 4) | low);
    }

    private static int? ValueOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        _ => null,
    };

    /// <summary><c>\n</c> is a newline, <c>\\n</c> is <c>\n</c>; every other backslash is one.</summary>
    private static int RestoreNewlines(Span<byte> text)
    {
        var to = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text[at..];
            if (rest is [(byte)'\\', (byte)'\\', (byte)'n', ..])
            {
                text[to++] = (byte)'\\';
                text[to++] = (byte)'n';
                at += 2;
            }
            else if (rest is [(byte)'\\', (byte)'n', ..])
            {
                text[to++] = (byte)'\n';
                at++;
            }
            else
            {
                text[to++] = text[at];
            }
        }

        return to;
    }
}
