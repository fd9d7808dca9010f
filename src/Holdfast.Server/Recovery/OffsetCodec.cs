using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Recovery;

/// <summary>What an offset that a client presents turns out to be.</summary>
internal enum OffsetKind
{
    /// <summary>A position of this log.</summary>
    Position,

    /// <summary>Of our form, but from another life of the storage.</summary>
    OtherEpoch,

    /// <summary>Something else.</summary>
    Foreign,
}

/// <summary>
/// The text form of a position: <c>epoch.sequence</c>, 8 random characters that name the life of the storage and 10 digits of base 36. Always equally long: an event is encoded outside of
/// all locks with a template at its end, and gets its sequence written over it in the step in which it takes its place in the log.
/// </summary>
internal sealed class OffsetCodec
{
    private const int EpochLength = 8;
    private const int Digits = 10;
    private const int Length = EpochLength + 1 + Digits;

    private readonly string _epoch;

    public OffsetCodec()
    {
        Span<byte> random = stackalloc byte[6];
        RandomNumberGenerator.Fill(random);
        _epoch = Base64Url.EncodeToString(random);
        Template = _epoch + "." + new string('0', Digits);
    }

    /// <summary>What an event is encoded with.</summary>
    public string Template { get; }

    /// <summary>
    /// Writes the sequence into a packet that was encoded with <see cref="Template"/> and that nobody else has seen yet. The packet knows where: no parser is asked under the lock.
    /// </summary>
    public static void Stamp(EncodedPacket packet, long sequence)
    {
        var first = packet.Text.IsEmpty ? packet.Attachments[0] : packet.Text;
        var digits = MemoryMarshal.AsMemory(first).Span.Slice(packet.OffsetStart + Length - Digits, Digits);
        for (var i = Digits - 1; i >= 0; i--)
        {
            (sequence, var digit) = Math.DivRem(sequence, 36);
            digits[i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
    }

    /// <summary>A parser that is not ours may say that the offset stands where it does not: then the emit fails, and not the step under the lock.</summary>
    public static EncodedPacket Verify(EncodedPacket packet, string template)
    {
        var first = packet.Text.IsEmpty && packet.Attachments.Length > 0 ? packet.Attachments[0] : packet.Text;
        var start = packet.OffsetStart;
        return start >= 0 && start <= first.Length - Length && Ascii.Equals(first.Span.Slice(start, Length), template)
            ? packet
            : throw new InvalidOperationException("The packet parser has not put the offset of the event where it says.");
    }

    public OffsetKind Read(string offset, out long sequence)
    {
        sequence = 0;
        if (offset.Length != Length || offset[EpochLength] != '.')
            return OffsetKind.Foreign;
        foreach (var c in offset.AsSpan(EpochLength + 1))
        {
            if (c is not ((>= '0' and <= '9') or (>= 'a' and <= 'z')))
                return OffsetKind.Foreign;
            sequence = (sequence * 36) + (c <= '9' ? c - '0' : c - 'a' + 10);
        }
        return offset.StartsWith(_epoch, StringComparison.Ordinal) ? OffsetKind.Position : OffsetKind.OtherEpoch;
    }
}
