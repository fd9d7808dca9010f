using System.Buffers.Binary;
using System.Net.WebSockets;

namespace Holdfast.Engine;

/// <summary>What a frame is (RFC 6455, section 5.2); the value is the opcode on the wire.</summary>
internal enum FrameType : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
}

/// <summary>
/// The head of a WebSocket frame, RFC 6455, section 5.2:
///
///     1 bit    it is the last of its message          7 bits   the length of the payload; 126: the next 2 bytes have it, 127: the next 8
///     3 bits   reserved, zero without extensions               (big endian)
///     4 bits   the opcode                             4 bytes  the mask, in what clients send and nowhere else
///     1 bit    there is a mask
/// </summary>
internal readonly struct FrameHeader
{
    /// <summary>The longest head, a client's.</summary>
    public const int MaxSize = 14;

    /// <summary>The most that a control frame may carry.</summary>
    public const int MaxControlPayload = 125;

    private const int TwoBytes = 126;
    private const int EightBytes = 127;

    private FrameHeader(FrameType type, bool isLast, long length, uint mask, int size)
    {
        Type = type;
        IsLast = isLast;
        Length = length;
        Mask = mask;
        Size = size;
    }

    public FrameType Type { get; }

    public bool IsLast { get; }

    public bool IsControl => Type >= FrameType.Close;

    public long Length { get; }

    /// <summary>The four bytes of the mask, the first in the lowest bits.</summary>
    public uint Mask { get; }

    /// <summary>How many bytes the head itself takes.</summary>
    public int Size { get; }

    /// <summary>Reads the head of a client's frame. False: it is not complete.</summary>
    /// <exception cref="WebSocketFault">It breaks the protocol.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var isLast = (bytes[0] & 0x80) != 0;
        var type = (FrameType)(bytes[0] & 0x0f);
        var length = bytes[1] & 0x7f;
        if ((bytes[0] & 0x70) != 0 || type is > FrameType.Binary and < FrameType.Close or > FrameType.Pong || (bytes[1] & 0x80) == 0
            || (type >= FrameType.Close && (!isLast || length > MaxControlPayload)))
        {
            throw Invalid();
        }

        var size = length switch { TwoBytes => 4, EightBytes => 10, _ => 2 };
        if (bytes.Length < size + sizeof(uint))
        {
            return false;
        }

        var payload = length switch
        {
            TwoBytes => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            EightBytes => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => length,
        };
        if (payload < 0)
        {
            throw Invalid();
        }

        header = new FrameHeader(type, isLast, payload, BinaryPrimitives.ReadUInt32LittleEndian(bytes[size..]), size + sizeof(uint));
        return true;
    }

    /// <summary>Writes the head of a server's frame, which is a whole message.</summary>
    /// <returns>How many bytes it takes.</returns>
    public static int Write(Span<byte> bytes, FrameType type, int length)
    {
        bytes[0] = (byte)(0x80 | (byte)type);
        switch (length)
        {
            case < TwoBytes:
                bytes[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                bytes[1] = TwoBytes;
                BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)length);
                return 4;
            default:
                bytes[1] = EightBytes;
                BinaryPrimitives.WriteInt64BigEndian(bytes[2..], length);
                return 10;
        }
    }

    public static WebSocketFault Invalid() => new(WebSocketCloseStatus.ProtocolError, "invalid WebSocket frame");
}
