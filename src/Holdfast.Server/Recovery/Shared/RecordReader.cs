using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Recovery;

/// <summary>
/// Takes a record's payload apart. A checksum has said that it is what somebody wrote; it may still be of a version that writes something else, so nothing is read that is not there, and
/// no memory is taken for what a number only announces.
/// </summary>
/// <exception cref="InvalidDataException">Thrown by every method: the payload is not what it should be.</exception>
internal ref struct RecordReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value >= 0 ? (long)value : throw Broken();
        }
        throw Broken();
    }

    public UInt128 Hash() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16));

    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    public string? OptionalText() => Byte() == 0 ? null : Text();

    public string[] Texts()
    {
        var texts = new string[Count()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text();
        return texts;
    }

    /// <summary>In an array of its own.</summary>
    public byte[] Bytes() => Take(Length()).ToArray();

    public EncodedPacket Packet()
    {
        var compress = Byte() != 0;
        var offsetStart = Number() - 1;
        var text = Bytes();
        var attachments = new ReadOnlyMemory<byte>[Count()];
        for (var i = 0; i < attachments.Length; i++)
            attachments[i] = Bytes();
        var first = text.Length > 0 ? text.Length : attachments.Length > 0 ? attachments[0].Length : 0;
        if (offsetStart > first - OffsetCodec.Length)
            throw Broken();
        return new EncodedPacket(text, attachments) { OffsetStart = (int)offsetStart, Compress = compress };
    }

    /// <summary>Of things that take a byte each at least.</summary>
    public int Count() => Length();

    private int Length() => Number() is var length && length <= _rest.Length ? (int)length : throw Broken();

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Broken();
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static InvalidDataException Broken() => new("A record of the log does not have the form of its kind.");
}
