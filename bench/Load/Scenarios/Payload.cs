namespace Holdfast.Load.Scenarios;

/// <summary>Bytes of [a-z0-9] that say who has sent them and as the how-manieth, so that every receiver can tell what it got, and what it did not.</summary>
internal static class Payload
{
    /// <summary>Of every payload, unless the scenario says otherwise.</summary>
    public const int Length = 128;

    public const int Longest = 4096;
    private const int SenderDigits = 5, NumberDigits = 9, Head = SenderDigits + NumberDigits;
    private static readonly byte[] s_rest = Enumerable.Range(0, Longest - Head).Select(i => (byte)"abcdefghijklmnopqrstuvwxyz0123456789"[i * 7 % 36]).ToArray();

    public static void Write(Span<byte> into, int sender, int number)
    {
        WriteNumber(into[..SenderDigits], sender);
        WriteNumber(into[SenderDigits..Head], number);
        s_rest.AsSpan(0, into.Length - Head).CopyTo(into[Head..]);
    }

    /// <summary>False if these are not so many bytes that <see cref="Write"/> has written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out int sender, out int number, int length = Length)
    {
        sender = number = 0;
        return payload.Length == length
            && TryReadNumber(payload[..SenderDigits], out sender)
            && TryReadNumber(payload[SenderDigits..Head], out number)
            && payload[Head..].SequenceEqual(s_rest.AsSpan(0, length - Head));
    }

    private static void WriteNumber(Span<byte> into, int number)
    {
        for (var i = into.Length - 1; i >= 0; i--, number /= 10)
            into[i] = (byte)('0' + number % 10);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> from, out int number)
    {
        number = 0;
        foreach (var digit in from)
        {
            if ((uint)(digit - '0') > 9)
                return false;
            number = number * 10 + digit - '0';
        }
        return true;
    }
}
