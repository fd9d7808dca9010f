using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Holdfast.Peers;

/// <summary>A frame that a client sent, still masked. Only whole messages in one frame are known here.</summary>
internal readonly ref struct Frame
{
    public const int MaxHeader = 10;
    public const byte Text = 1;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    private const int MaxPayload = 1_000_000;

    public byte Opcode { get; private init; }

    /// <summary>Header and payload together.</summary>
    public int Length { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    private uint Mask { get; init; }

    /// <returns>Whether the bytes hold the whole frame.</returns>
    /// <exception cref="InvalidDataException">It is longer than anything that is sent here, or not masked, or a part of a message.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < 6)
            return false;
        if ((bytes[0] & 0xF0) != 0x80 || (bytes[1] & 0x80) == 0)
            throw new InvalidDataException("A message in several frames, an extension or no mask.");
        long length = bytes[1] & 0x7F;
        var start = 6;
        if (length >= 126)
        {
            start = length == 126 ? 8 : 14;
            if (bytes.Length < start)
                return false;
            length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        }

        if (length is < 0 or > MaxPayload)
            throw new InvalidDataException($"A frame of {length} bytes.");
        if (bytes.Length < start + length)
            return false;
        frame = new Frame
        {
            Opcode = (byte)(bytes[0] & 0x0F),
            Length = start + (int)length,
            Payload = bytes.Slice(start, (int)length),
            Mask = MemoryMarshal.Read<uint>(bytes[(start - 4)..]),
        };
        return true;
    }

    public void Unmask(Span<byte> to)
    {
        var at = 0;
        var masks = Vector128.Create(Mask).AsByte();
        for (; at <= Payload.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
            (Vector128.Create(Payload[at..]) ^ masks).CopyTo(to[at..]);
        for (; at < Payload.Length; at++)
            to[at] = (byte)(Payload[at] ^ masks[at & 3]);
    }

    /// <summary>Puts a header in front of a message that begins at <see cref="MaxHeader"/>.</summary>
    /// <returns>The frame.</returns>
    public static ReadOnlySpan<byte> Finish(Span<byte> bytes, int length, byte opcode = Text)
    {
        var start = MaxHeader - (length < 126 ? 2 : length <= ushort.MaxValue ? 4 : 10);
        bytes[start] = (byte)(0x80 | opcode);
        if (length < 126)
        {
            bytes[start + 1] = (byte)length;
        }
        else if (length <= ushort.MaxValue)
        {
            bytes[start + 1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(start + 2)..], (ushort)length);
        }
        else
        {
            bytes[start + 1] = 127;
            BinaryPrimitives.WriteInt64BigEndian(bytes[(start + 2)..], length);
        }

        return bytes[start..(MaxHeader + length)];
    }
}
