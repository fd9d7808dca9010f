using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Recovery.Files;

/// <summary>
/// In which life of the storage one stands: the epoch, and what a start has to know to tell whether the end of it may be missing. Records change it, and every segment begins with it, because
/// the record itself may have been trimmed.
/// </summary>
/// <param name="Epoch">null: none has begun yet.</param>
/// <param name="BootId">Of the machine's run in which the latest node started.</param>
/// <param name="AllSynced">Everything up to here is on the disk, or is put there before an append completes.</param>
internal readonly record struct LogLife(EpochStart? Epoch, UInt128 BootId, bool AllSynced)
{
    /// <summary>Where it stands in a segment's header.</summary>
    public const int Size = 48;

    private const int NameLength = 8;
    private const int EpochRecordSize = NameLength + 8 + 1;
    private const int NodeStartSize = 16 + 2;

    private const byte TailMayBeLost = 1;
    private const byte Synced = 2;
    private const byte HasEpoch = 4;

    /// <summary>The payload of a record with which an epoch begins.</summary>
    public static byte[] WriteEpoch(string name, long formerEnd, bool tailMayBeLost)
    {
        var payload = new byte[EpochRecordSize];
        Encoding.ASCII.GetBytes(name, payload);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(NameLength), formerEnd);
        payload[^1] = tailMayBeLost ? TailMayBeLost : (byte)0;
        return payload;
    }

    /// <summary>The payload of a record with which a node joins.</summary>
    /// <param name="bootId">The run of its machine.</param>
    /// <param name="sync">How it writes.</param>
    /// <param name="allSynced">It has found no other writer, and all that was there is on the disk.</param>
    public static byte[] WriteNodeStart(UInt128 bootId, FileSyncMode sync, bool allSynced)
    {
        var payload = new byte[NodeStartSize];
        BinaryPrimitives.WriteUInt128LittleEndian(payload, bootId);
        payload[16] = (byte)sync;
        payload[17] = allSynced ? (byte)1 : (byte)0;
        return payload;
    }

    /// <summary>The payload of a record with which a node ends cleanly.</summary>
    /// <param name="others">Who is there still. What they write from then on nobody has forced onto the disk before they end cleanly, too.</param>
    public static byte[] WriteNodeStop(IEnumerable<ulong> others)
    {
        ulong[] nodes = [.. others];
        var payload = new byte[nodes.Length * sizeof(ulong)];
        for (var i = 0; i < nodes.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(i * sizeof(ulong)), nodes[i]);
        return payload;
    }

    /// <summary>Who was there still.</summary>
    public static ulong[] ReadNodeStop(ReadOnlySpan<byte> payload)
    {
        var nodes = new ulong[payload.Length / sizeof(ulong)];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = BinaryPrimitives.ReadUInt64LittleEndian(payload[(i * sizeof(ulong))..]);
        return nodes;
    }

    /// <summary>What becomes of it with such a record.</summary>
    /// <param name="payload">The record's.</param>
    /// <param name="position">Behind the record.</param>
    /// <param name="formerEnd">The end of what this reader has read before it, which may be more than its writer had: two that start at once may both begin an epoch.</param>
    public LogLife AfterEpoch(ReadOnlySpan<byte> payload, long position, long formerEnd) =>
        payload.Length == EpochRecordSize && ReadName(payload) is { } name
            ? this with { Epoch = new EpochStart(name, position, Math.Max(formerEnd, BinaryPrimitives.ReadInt64LittleEndian(payload[NameLength..])), (payload[^1] & TailMayBeLost) != 0) }
            : this;

    public LogLife AfterNodeStart(ReadOnlySpan<byte> payload) =>
        payload.Length == NodeStartSize
            ? this with
            {
                BootId = BinaryPrimitives.ReadUInt128LittleEndian(payload),
                AllSynced = payload[16] == (byte)FileSyncMode.Always && (AllSynced || payload[17] == 1),
            }
            : this;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[24..], BootId);
        bytes[40] = (byte)((AllSynced ? Synced : 0) | (Epoch is null ? 0 : HasEpoch) | (Epoch is { TailMayBeLost: true } ? TailMayBeLost : 0));
        if (Epoch is null)
            return;
        Encoding.ASCII.GetBytes(Epoch.Name, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Epoch.Position);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Epoch.FormerEnd);
    }

    public static LogLife Read(ReadOnlySpan<byte> bytes)
    {
        var flags = bytes[40];
        var epoch = (flags & HasEpoch) != 0 && ReadName(bytes) is { } name
            ? new EpochStart(name, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), (flags & TailMayBeLost) != 0)
            : null;
        return new LogLife(epoch, BinaryPrimitives.ReadUInt128LittleEndian(bytes[24..]), (flags & Synced) != 0);
    }

    private static string? ReadName(ReadOnlySpan<byte> bytes)
    {
        foreach (var c in bytes[..NameLength])
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'-' or (byte)'_'))
                return null;
        }
        return Encoding.ASCII.GetString(bytes[..NameLength]);
    }
}
