// MessagePack (msgpack.org) is JSON's model in binary: the first byte of a value says what it is and, for what is short, how long; big-endian
// numbers follow where one byte is not enough. No package of it is used; this folder is all there is of it:
//
//     MessagePackReader     bytes -> tokens, with every length checked against what is there
//     MessagePackSkip       the one pass over everything that comes from the network, which bounds its depth
//     MessagePackWriter     values -> bytes, each in its shortest form
//     MessagePackToJson, JsonToMessagePack      what the serializer reads, and what it wrote
//     MessagePackDecoder    the packets of a connection
//
// Nothing here recurses, and nothing is allocated on the word of a length that a peer wrote.

using System.Buffers.Binary;

namespace Holdfast.Protocol;

internal enum MessagePackKind : byte
{
    Nil,
    Boolean,

    /// <summary>Fits into 64 bits with a sign.</summary>
    Integer,

    /// <summary>Needs all 64 bits without a sign.</summary>
    Unsigned,
    Float,
    Text,
    Binary,
    Array,
    Map,
    Extension,
}

/// <summary>One token: a value, or the start of an array or a map, whose elements follow.</summary>
internal readonly ref struct MessagePackToken
{
    public MessagePackToken(MessagePackKind kind, long number = 0, ReadOnlySpan<byte> bytes = default, sbyte extension = 0, bool isFixed = false)
    {
        Kind = kind;
        Number = number;
        Bytes = bytes;
        Extension = extension;
        IsFixed = isFixed;
    }

    public MessagePackKind Kind { get; }

    /// <summary>The value of an integer, the count of an array (elements) or a map (pairs), 0 or 1 for a Boolean, the bits of a float.</summary>
    public long Number { get; }

    public double Float => BitConverter.Int64BitsToDouble(Number);

    /// <summary>What text, binary and extensions hold.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public sbyte Extension { get; }

    /// <summary>Whether an extension has one of the five lengths that need no length.</summary>
    public bool IsFixed { get; }
}

/// <summary>Tokens one after the other. Whatever is not MessagePack, or ends too soon, is a <see cref="ProtocolException"/>.</summary>
internal ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next token starts.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == _bytes.Length;

    public MessagePackToken Read()
    {
        var code = Take(1)[0];
        switch (code)
        {
            case <= 0x7F:
                return new(MessagePackKind.Integer, code);
            case <= 0x8F:
                return Container(MessagePackKind.Map, (uint)(code & 0x0F));
            case <= 0x9F:
                return Container(MessagePackKind.Array, (uint)(code & 0x0F));
            case <= 0xBF:
                return new(MessagePackKind.Text, bytes: Take((uint)(code & 0x1F)));
            case >= 0xE0:
                return new(MessagePackKind.Integer, (sbyte)code);
        }

        return code switch
        {
            0xC0 => new(MessagePackKind.Nil),
            0xC2 or 0xC3 => new(MessagePackKind.Boolean, code & 1),
            0xC4 or 0xC5 or 0xC6 => new(MessagePackKind.Binary, bytes: Take(Length(code - 0xC4))),
            0xC7 or 0xC8 or 0xC9 => Extension(Length(code - 0xC7), isFixed: false),
            0xCA => Float(BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32BigEndian(Take(4)))),
            0xCB => new(MessagePackKind.Float, BinaryPrimitives.ReadInt64BigEndian(Take(8))),
            0xCC or 0xCD or 0xCE => new(MessagePackKind.Integer, Length(code - 0xCC)),
            0xCF => Unsigned(BinaryPrimitives.ReadUInt64BigEndian(Take(8))),
            0xD0 => new(MessagePackKind.Integer, (sbyte)Take(1)[0]),
            0xD1 => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt16BigEndian(Take(2))),
            0xD2 => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            0xD3 => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt64BigEndian(Take(8))),
            >= 0xD4 and <= 0xD8 => Extension(1u << (code - 0xD4), isFixed: true),
            0xD9 or 0xDA or 0xDB => new(MessagePackKind.Text, bytes: Take(Length(code - 0xD9))),
            0xDC or 0xDD => Container(MessagePackKind.Array, Length(code - 0xDC + 1)),
            0xDE or 0xDF => Container(MessagePackKind.Map, Length(code - 0xDE + 1)),
            _ => throw new ProtocolException("invalid MessagePack"), // 0xC1, which is never used
        };
    }

    /// <summary>Takes <c>undefined</c> if it is what comes next.</summary>
    public bool TryReadUndefined()
    {
        if (_bytes.Length - Position < 3 || _bytes[Position] != 0xD4 || _bytes[Position + 1] != 0)
        {
            return false;
        }

        Position += 3;
        return true;
    }

    /// <summary>An unsigned number of 1, 2 or 4 bytes.</summary>
    private uint Length(int size) => size switch
    {
        0 => Take(1)[0],
        1 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
        _ => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
    };

    private static MessagePackToken Float(double value) => new(MessagePackKind.Float, BitConverter.DoubleToInt64Bits(value));

    private static MessagePackToken Unsigned(ulong value) =>
        new(value <= long.MaxValue ? MessagePackKind.Integer : MessagePackKind.Unsigned, unchecked((long)value));

    /// <summary>Every element has at least one byte, so there can't be more of them than bytes.</summary>
    private readonly MessagePackToken Container(MessagePackKind kind, uint count)
    {
        var least = kind == MessagePackKind.Map ? count * 2L : count;
        return least > _bytes.Length - Position ? throw new ProtocolException("a packet that is cut off") : new(kind, count);
    }

    private MessagePackToken Extension(uint length, bool isFixed)
    {
        var type = (sbyte)Take(1)[0];
        return new(MessagePackKind.Extension, bytes: Take(length), extension: type, isFixed: isFixed);
    }

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)(_bytes.Length - Position))
        {
            throw new ProtocolException("a packet that is cut off");
        }

        var taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }
}
