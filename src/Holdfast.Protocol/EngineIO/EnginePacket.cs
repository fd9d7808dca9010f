// Engine.IO 4 has seven packets. On a text frame, and inside a polling payload, a packet is its type's digit followed by its data:
//
//     0{"sid":...}  open        3probe  pong          6  noop
//     1             close       4...    message
//     2probe        ping        5       upgrade
//
// Binary data is always a message and has no digit: a bare frame on WebSocket, `b` and base64 inside a polling payload.
// In Engine.IO 3 it has its type: a byte 4 in front of the frame, `b4` and base64 inside a payload or a text frame.

using System.Buffers;
using System.Buffers.Text;

namespace Holdfast.Protocol;

/// <summary>The type of an Engine.IO packet; the value is the digit on the wire.</summary>
internal enum EnginePacketType : byte
{
    Open,
    Close,
    Ping,
    Pong,
    Message,
    Upgrade,
    Noop,
}

/// <summary>One received Engine.IO packet. The data is a slice of what was read, without the type's digit.</summary>
internal readonly struct EnginePacket
{
    private EnginePacket(EnginePacketType type, bool isBinary, ReadOnlyMemory<byte> data)
    {
        Type = type;
        IsBinary = isBinary;
        Data = data;
    }

    public EnginePacketType Type { get; }

    /// <summary>Only messages are binary.</summary>
    public bool IsBinary { get; }

    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Reads one text frame.</summary>
    /// <exception cref="ProtocolException">It is empty or its first byte is no packet type.</exception>
    public static EnginePacket ReadText(ReadOnlyMemory<byte> frame)
    {
        if (frame.IsEmpty)
        {
            throw new ProtocolException("empty packet");
        }

        var type = frame.Span[0] - (byte)'0';
        if ((uint)type > (uint)EnginePacketType.Noop)
        {
            throw new ProtocolException("unknown engine packet type");
        }

        return new EnginePacket((EnginePacketType)type, isBinary: false, frame[1..]);
    }

    /// <summary>What stands behind the <c>b</c>; decoded in place.</summary>
    /// <exception cref="ProtocolException">It is no base64.</exception>
    public static EnginePacket ReadBase64(Memory<byte> text)
    {
        // A binary packet may be empty: `b` alone is an attachment of no bytes.
        if (Base64.DecodeFromUtf8InPlace(text.Span, out var length) != OperationStatus.Done)
        {
            throw new ProtocolException("invalid base64");
        }

        return Binary(text[..length]);
    }

    /// <summary>Reads a text frame, or one packet of a payload, of Engine.IO 3; base64 is decoded in place.</summary>
    /// <exception cref="ProtocolException">It is empty, its first byte is no packet type, or it is a binary packet that is no message or no base64.</exception>
    public static EnginePacket ReadTextOfThree(Memory<byte> frame) => frame.Span switch
    {
        [(byte)'b', (byte)'4', ..] => ReadBase64(frame[2..]),
        [(byte)'b', ..] => throw new ProtocolException("a binary packet that is no message"),
        _ => ReadText(frame),
    };

    /// <summary>Reads a binary frame, or one binary packet of a payload, of Engine.IO 3.</summary>
    /// <exception cref="ProtocolException">It is empty, or no message.</exception>
    public static EnginePacket ReadBinaryOfThree(Memory<byte> frame) => frame.Span switch
    {
        [(byte)EnginePacketType.Message, ..] => Binary(frame[1..]),
        [] => throw new ProtocolException("empty packet"),
        _ => throw new ProtocolException("a binary packet that is no message"),
    };

    /// <summary>A binary frame, or the decoded base64 of a polling payload.</summary>
    public static EnginePacket Binary(ReadOnlyMemory<byte> data) => new(EnginePacketType.Message, isBinary: true, data);
}
