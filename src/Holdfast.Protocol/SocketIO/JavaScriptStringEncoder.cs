using System.Text.Encodings.Web;
#if !NETSTANDARD2_1
using System.Buffers;
using System.Text.Unicode;
#endif

namespace Holdfast.Protocol;

/// <summary>
/// Escapes in JSON strings what JSON demands and nothing else, as JavaScript's JSON.stringify does. The framework's relaxed encoder
/// still turns an emoji into twelve bytes of escapes. The text goes into frames, never into HTML, so nothing else needs escaping.
/// </summary>
internal sealed unsafe class JavaScriptStringEncoder : JavaScriptEncoder
{
    public static readonly JavaScriptStringEncoder Shared = new();

#if !NETSTANDARD2_1
    private static readonly SearchValues<byte> EscapedUtf8 =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);
#endif

    private JavaScriptStringEncoder()
    {
    }

    /// <summary>\u and four digits.</summary>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\';

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var escaped = FirstEscaped(span);
        var clean = escaped < 0 ? span : span[..escaped];
        var lone = FirstLoneSurrogate(clean);
        return lone >= 0 ? lone : escaped;
    }

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var destination = new Span<char>(buffer, bufferLength);
        var text = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\f' => "\\f",
            '\r' => "\\r",
            < 0x20 => $"\\u{unicodeScalar:x4}",
            _ => char.ConvertFromUtf32(unicodeScalar), // the replacement for a lone surrogate
        };
        numberOfCharactersWritten = text.AsSpan().TryCopyTo(destination) ? text.Length : 0;
        return numberOfCharactersWritten > 0;
    }

#if !NETSTANDARD2_1
    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        var escaped = utf8Text.IndexOfAny(EscapedUtf8);
        var clean = escaped < 0 ? utf8Text : utf8Text[..escaped];
        return Utf8.IsValid(clean) ? escaped : base.FindFirstCharacterToEncodeUtf8(utf8Text);
    }

    private static int FirstEscaped(ReadOnlySpan<char> text) => text.IndexOfAny(Escaped);

    private static int FirstSurrogate(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF');
#else
    private static int FirstEscaped(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or '"' or '\\')
            {
                return i;
            }
        }

        return -1;
    }

    private static int FirstSurrogate(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                return i;
            }
        }

        return -1;
    }
#endif

    private static int FirstLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = FirstSurrogate(text[at..]);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return at;
            }

            at += 2;
        }

        return -1;
    }
}
