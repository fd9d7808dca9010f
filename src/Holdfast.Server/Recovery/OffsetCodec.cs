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

    /// <summary>Of our form, but from another life of the storage, which nobody remembers.</summary>
    OtherEpoch,

    /// <summary>A position of an earlier life of this storage, behind the end of that: what was there is lost.</summary>
    LostTail,

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
    public const int Length = EpochLength + 1 + Digits;

    /// <summary>So many epochs that are over are remembered; what is older is older than any log.</summary>
    private const int MostFormer = 1000;

    private volatile FormerEpoch[] _former = []; // replaced as a whole: it is read without a lock
    private string _epoch = "";
    private byte[] _epochBytes = [];

    public OffsetCodec()
    {
        Span<byte> random = stackalloc byte[6];
        RandomNumberGenerator.Fill(random);
        Name(Base64Url.EncodeToString(random));
    }

    /// <summary>The storage begins a new life: positions up to <paramref name="formerEnd"/> are still what they were, and whoever presents one beyond has seen what is lost.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="position">What is read up to there bears the name of the former.</param>
    /// <param name="formerEnd">The end of that, as far as it was not lost.</param>
    public void Begin(string name, long position, long formerEnd)
    {
        _former = [.. _former.TakeLast(MostFormer - 1), new FormerEpoch(_epoch, formerEnd, position, _epochBytes)];
        Name(name);
    }

    /// <summary>What an event is encoded with.</summary>
    public string Template { get; private set; } = "";

    /// <summary>
    /// Writes the sequence into a packet that was encoded with <see cref="Template"/> and that nobody else has seen yet. The packet knows where: no parser is asked under the lock.
    /// </summary>
    public void Stamp(EncodedPacket packet, long sequence) => Stamp(packet, sequence, _epochBytes);

    /// <summary>The same for a packet that has been read from the store once more: it gets the name of the epoch that was in force at its place. Without a lock.</summary>
    public void StampAgain(EncodedPacket packet, long sequence)
    {
        // In this order: an epoch that begins in between then counts as the present one or as a former one, and its predecessor always as a former one.
        var present = _epochBytes;
        var former = Array.Find(_former, epoch => sequence <= epoch.Until);
        Stamp(packet, sequence, former?.Bytes ?? present);
    }

    private static void Stamp(EncodedPacket packet, long sequence, byte[] epoch)
    {
        var first = packet.Text.IsEmpty ? packet.Attachments[0] : packet.Text;
        var offset = MemoryMarshal.AsMemory(first).Span.Slice(packet.OffsetStart, Length);
        // The epoch may be another one than when it was encoded.
        epoch.CopyTo(offset);
        var digits = offset[^Digits..];
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

    /// <param name="offset">What a client has presented.</param>
    /// <param name="sequence">The position; of a lost tail the last one before it, which everything that began since lies behind.</param>
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
        if (offset.StartsWith(_epoch, StringComparison.Ordinal))
            return OffsetKind.Position;
        foreach (var former in _former)
        {
            if (!offset.StartsWith(former.Name, StringComparison.Ordinal))
                continue;
            if (sequence <= former.End)
                return OffsetKind.Position;
            sequence = former.End;
            return OffsetKind.LostTail;
        }
        return OffsetKind.OtherEpoch;
    }

    private void Name(string epoch)
    {
        _epoch = epoch;
        _epochBytes = Encoding.ASCII.GetBytes(epoch);
        Template = epoch + "." + new string('0', Digits);
    }

    /// <param name="Name">Its name.</param>
    /// <param name="End">The last of its positions that is not lost.</param>
    /// <param name="Until">Where the next one has begun.</param>
    /// <param name="Bytes">Its name, as it is stamped.</param>
    private sealed record FormerEpoch(string Name, long End, long Until, byte[] Bytes);
}
