using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Protocol;

/// <summary>
/// Writes values one after the other into a buffer of the shared pool, each in its shortest form: integers as integers, other numbers as doubles, as
/// JavaScript's encoder does. To be returned to the pool, whatever happens.
/// </summary>
internal struct MessagePackWriter
{
    private byte[] _bytes;

    private MessagePackWriter(byte[] bytes) => _bytes = bytes;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public static MessagePackWriter Rent() => new(ArrayPool<byte>.Shared.Rent(1024));

    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    public void WriteNil() => Put(0xC0);

    public void WriteBoolean(bool value) => Put((byte)(value ? 0xC3 : 0xC2));

    public void WriteInteger(long value)
    {
        if (value >= 0)
        {
            WriteUnsigned((ulong)value);
        }
        else if (value >= -32)
        {
            Put((byte)value);
        }
        else if (value >= sbyte.MinValue)
        {
            Put(0xD0);
            Put((byte)value);
        }
        else if (value >= short.MinValue)
        {
            Put(0xD1);
            BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)value);
        }
        else if (value >= int.MinValue)
        {
            Put(0xD2);
            BinaryPrimitives.WriteInt32BigEndian(Take(4), (int)value);
        }
        else
        {
            Put(0xD3);
            BinaryPrimitives.WriteInt64BigEndian(Take(8), value);
        }
    }

    public void WriteUnsigned(ulong value)
    {
        if (value < 0x80)
        {
            Put((byte)value);
        }
        else if (value <= uint.MaxValue)
        {
            PutLength(0xCC, (uint)value);
        }
        else
        {
            Put(0xCF);
            BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
        }
    }

    /// <summary>A whole number goes out as an integer, as JavaScript's own do, which knows no difference.</summary>
    public void WriteNumber(double value)
    {
        if (value == Math.Floor(value) && value is > -9.2e18 and < 9.2e18)
        {
            WriteInteger((long)value);
            return;
        }

        Put(0xCB);
        BinaryPrimitives.WriteInt64BigEndian(Take(8), BitConverter.DoubleToInt64Bits(value));
    }

    public void WriteText(ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        PutTextLength(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        PutTextLength(utf8.Length);
        WriteEncoded(utf8);
    }

    public void WriteBinary(ReadOnlySpan<byte> value)
    {
        PutLength(0xC4, (uint)value.Length);
        WriteEncoded(value);
    }

    /// <summary>The elements follow.</summary>
    public void WriteArrayStart(int count) => PutCount(0x90, 0xDC, count);

    /// <summary>The pairs follow.</summary>
    public void WriteMapStart(int count) => PutCount(0x80, 0xDE, count);

    /// <summary>What is MessagePack already.</summary>
    public void WriteEncoded(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>
    /// Starts an array or a map whose count is not known yet. One byte is enough for most; for the others <see cref="EndContainer"/> moves what was written.
    /// </summary>
    public int BeginContainer()
    {
        Put(0);
        return Length - 1;
    }

    public void EndContainer(int start, bool isMap, int count)
    {
        if (count < 16)
        {
            _bytes[start] = (byte)((isMap ? 0x80 : 0x90) | count);
            return;
        }

        var end = Length;
        var header = count <= ushort.MaxValue ? 3 : 5;
        Take(header - 1);
        _bytes.AsSpan(start + 1, end - start - 1).CopyTo(_bytes.AsSpan(start + header));
        (var after, Length) = (Length, start);
        PutCount(isMap ? 0x80 : 0x90, isMap ? 0xDE : 0xDC, count);
        Length = after;
    }

    /// <summary>Room for a text of at most so many bytes; <see cref="EndText"/> says how many they are.</summary>
    public Span<byte> BeginText(int most) => Reserve(checked(most + 5))[5..];

    public void EndText(int length)
    {
        // The bytes stand where the longest header would have left them.
        var start = Length + 5;
        PutTextLength(length);
        _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(Length));
        Length += length;
    }

    private void PutTextLength(int length)
    {
        if (length < 32)
        {
            Put((byte)(0xA0 | length));
        }
        else
        {
            PutLength(0xD9, (uint)length);
        }
    }

    private void PutCount(int small, int code, int count)
    {
        if (count < 16)
        {
            Put((byte)(small | count));
        }
        else if (count <= ushort.MaxValue)
        {
            Put((byte)code);
            BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)count);
        }
        else
        {
            Put((byte)(code + 1));
            BinaryPrimitives.WriteInt32BigEndian(Take(4), count);
        }
    }

    /// <summary>One of three codes in a row, for lengths of one, two and four bytes.</summary>
    private void PutLength(int code, uint length)
    {
        if (length <= byte.MaxValue)
        {
            Put((byte)code);
            Put((byte)length);
        }
        else if (length <= ushort.MaxValue)
        {
            Put((byte)(code + 1));
            BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)length);
        }
        else
        {
            Put((byte)(code + 2));
            BinaryPrimitives.WriteUInt32BigEndian(Take(4), length);
        }
    }

    private void Put(byte value) => Take(1)[0] = value;

    private Span<byte> Take(int length)
    {
        var taken = Reserve(length)[..length];
        Length += length;
        return taken;
    }

    private Span<byte> Reserve(int length)
    {
        var needed = checked(Length + length);
        if (needed > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(_bytes.Length * 2L, 0x7FFFFFC7)));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }
}
