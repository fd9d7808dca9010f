using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Holdfast.Recovery.Files;

/// <summary>
/// A record in a file: 40 bytes of head, then the payload, little endian.
/// <code>
///  0  magic     the segment's own, random
///  4  checksum  CRC-32C of everything behind it, beginning from the segment's own seed
///  8  length    of the payload
/// 12  kind      a byte and three zeros
/// 16  node
/// 24  counter   of that node's records; zero: not counted
/// 32  time      UTC ticks
/// 40  payload
/// </code>
/// Magic and seed are drawn for each segment and known to nobody outside: a payload from the network can't contain what a reader that looks for the next record would take for one.
/// </summary>
/// <param name="Magic">What each record of the segment begins with.</param>
/// <param name="Seed">Where its checksums begin.</param>
internal readonly record struct RecordFormat(uint Magic, uint Seed)
{
    public const int HeadSize = 40;
    private const int ChecksumEnd = 8;

    /// <summary>What stands at the beginning of these bytes.</summary>
    /// <param name="bytes">From a record's beginning on, as much as there is.</param>
    /// <param name="maxPayload">What is larger is no record.</param>
    /// <param name="size">Of the record, with its head: if it is one, or may become one when more bytes are there.</param>
    public RecordState Examine(ReadOnlySpan<byte> bytes, int maxPayload, out int size)
    {
        size = HeadSize;
        if (bytes.Length < HeadSize)
            return RecordState.Incomplete;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            return RecordState.Broken;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > (uint)maxPayload)
            return RecordState.Broken;
        size += (int)length;
        if (bytes.Length < size)
            return RecordState.Incomplete;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum(bytes[ChecksumEnd..size]) ? RecordState.Valid : RecordState.Broken;
    }

    /// <summary>Of bytes that hold a valid one.</summary>
    public static LogRecord Read(ReadOnlyMemory<byte> record, long position)
    {
        var head = record.Span;
        return new LogRecord(
            position,
            BinaryPrimitives.ReadUInt64LittleEndian(head[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[32..]),
            (LogRecordKind)head[12],
            record[HeadSize..]);
    }

    public void Write(Span<byte> record, LogRecordKind kind, ulong node, long counter, long timeTicks, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (byte)kind);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], node);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], counter);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], timeTicks);
        payload.CopyTo(record[HeadSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(record[ChecksumEnd..(HeadSize + payload.Length)]));
    }

    private uint Checksum(ReadOnlySpan<byte> bytes) => ~Crc(Seed, bytes);

    /// <summary>CRC-32C without the final complement. Optimised from its first call on: a start reads all that is there before the runtime would get round to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}

internal enum RecordState
{
    /// <summary>All of it is there and its checksum is right.</summary>
    Valid,

    /// <summary>It may become one when more bytes are there.</summary>
    Incomplete,

    /// <summary>It is none, and never will be.</summary>
    Broken,
}
