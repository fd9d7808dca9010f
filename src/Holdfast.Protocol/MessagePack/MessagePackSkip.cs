#if NETSTANDARD2_1
using System.Text;
#else
using System.Text.Unicode;
#endif

namespace Holdfast.Protocol;

/// <summary>
/// The pass over a value that comes from the network: it is whole, not nested too deeply, its text is UTF-8 and its keys are such that they can be
/// names. Whoever reads the value later relies on it.
/// </summary>
internal static class MessagePackSkip
{
    /// <summary>What JSON may have as well. One bit for each level has room in a register.</summary>
    public const int MaxDepth = JsonPayload.MaxDepth;

#if NETSTANDARD2_1
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
#endif

    /// <summary>From the first token of a value to its last.</summary>
    /// <param name="reader">Where the value starts.</param>
    /// <param name="depth">How many containers it stands in already.</param>
    /// <returns>The first token's kind.</returns>
    public static MessagePackKind Skip(ref MessagePackReader reader, int depth)
    {
        Span<long> left = stackalloc long[MaxDepth + 1]; // what each open container still wants: a pair of a map counts as two
        var maps = 0UL; // which of them are maps
        var level = depth;
        MessagePackKind? first = null;
        while (true)
        {
            var token = reader.Read();
            first ??= token.Kind;
            if (level > depth)
            {
                var isKey = (maps & (1UL << (level - 1))) != 0 && (left[level] & 1) == 0;
                left[level]--;
                if (isKey)
                {
                    CheckKey(token.Kind);
                }
            }

            if (token.Kind == MessagePackKind.Text)
            {
                CheckText(token.Bytes);
            }
            else if (token.Kind is MessagePackKind.Array or MessagePackKind.Map)
            {
                if (level == MaxDepth)
                {
                    throw new ProtocolException("nested too deeply");
                }

                var isMap = token.Kind == MessagePackKind.Map;
                maps = isMap ? maps | (1UL << level) : maps & ~(1UL << level);
                left[++level] = isMap ? token.Number * 2 : token.Number;
            }

            while (level > depth && left[level] == 0)
            {
                level--;
            }

            if (level == depth)
            {
                return first.Value;
            }
        }
    }

    public static void CheckText(ReadOnlySpan<byte> utf8)
    {
        if (!IsUtf8(utf8))
        {
            throw new ProtocolException("text that is no UTF-8");
        }
    }

    /// <summary>JavaScript makes text of whatever is a key. What has no text of its own is no name of anything.</summary>
    private static void CheckKey(MessagePackKind kind)
    {
        if (kind is MessagePackKind.Binary or MessagePackKind.Array or MessagePackKind.Map or MessagePackKind.Extension)
        {
            throw new ProtocolException("a key that is no text");
        }
    }

#if !NETSTANDARD2_1
    private static bool IsUtf8(ReadOnlySpan<byte> text) => Utf8.IsValid(text);
#else
    private static bool IsUtf8(ReadOnlySpan<byte> text)
    {
        try
        {
            Strict.GetCharCount(text);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
#endif
}
