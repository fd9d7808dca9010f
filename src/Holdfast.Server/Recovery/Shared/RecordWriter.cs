using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Recovery;

/// <summary>Puts a record's payload together: whole numbers as variable-length bytes, texts as UTF-8, and a length before everything that has one.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <summary>The place of a number that is only known when all the rest is written.</summary>
    public void Reserve() => _bytes.Advance(sizeof(long));

    public void WriteReserved(long number) => BinaryPrimitives.WriteInt64LittleEndian(MemoryMarshal.AsMemory(_bytes.WrittenMemory).Span, number);

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    /// <summary>Not below zero.</summary>
    public void Number(long value)
    {
        var rest = (ulong)value;
        var bytes = _bytes.GetSpan(10);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            bytes[length++] = (byte)(rest | 0x80);
        bytes[length++] = (byte)rest;
        _bytes.Advance(length);
    }

    public void Hash(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(_bytes.GetSpan(16), value);
        _bytes.Advance(16);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }

    /// <summary>Null is told from an empty text.</summary>
    public void OptionalText(string? value)
    {
        Byte(value is null ? (byte)0 : (byte)1);
        if (value is not null)
            Text(value);
    }

    public void Texts(IReadOnlyCollection<string> values)
    {
        Number(values.Count);
        foreach (var value in values)
            Text(value);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        _bytes.Write(value);
    }

    public void Packet(EncodedPacket packet)
    {
        Byte(packet.Compress ? (byte)1 : (byte)0);
        Number(packet.OffsetStart + 1);
        Bytes(packet.Text.Span);
        Number(packet.Attachments.Length);
        foreach (var attachment in packet.Attachments)
            Bytes(attachment.Span);
    }
}
