using System.Buffers.Text;

namespace Holdfast.Load.Dialects;

/// <summary>A short text under construction, in the caller's stack frame.</summary>
internal ref struct Text(Span<byte> into)
{
    public const int Longest = 6000; // the longest payload and what is around it

    private readonly Span<byte> _into = into;
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _into[.._length];

    public Text Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_into[_length..]);
        _length += bytes.Length;
        return this;
    }

    public Text Add(int number)
    {
        Utf8Formatter.TryFormat(number, _into[_length..], out var written);
        _length += written;
        return this;
    }

    /// <summary>The string that begins at a quote, without its quotes; moves on behind it. Nothing that the load sends needs an escape.</summary>
    public static ReadOnlySpan<byte> TakeString(ref ReadOnlySpan<byte> from)
    {
        if (from.Length < 2 || from[0] != '"')
            throw new InvalidOperationException("a string was expected");
        from = from[1..];
        var end = from.IndexOf((byte)'"');
        if (end < 0)
            throw new InvalidOperationException("a string has no end");
        var text = from[..end];
        from = from[(end + 1)..];
        return text;
    }

    public static int TakeNumber(ref ReadOnlySpan<byte> from)
    {
        if (!Utf8Parser.TryParse(from, out int number, out var used))
            throw new InvalidOperationException("a number was expected");
        from = from[used..];
        return number;
    }

    /// <summary>Moves on behind these bytes.</summary>
    public static void Skip(ref ReadOnlySpan<byte> from, ReadOnlySpan<byte> expected)
    {
        if (!from.StartsWith(expected))
            throw new InvalidOperationException("other bytes were expected");
        from = from[expected.Length..];
    }
}
