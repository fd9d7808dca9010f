using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Holdfast.Engine;

internal sealed partial class FrameChannel
{
    /// <summary>Up to this size a frame is written in one piece; it fits into a block of the pipe.</summary>
    private const int SmallFrame = 2 * 1024;

    // The payload of the client's last ping while it is unanswered. One answer for many is what RFC 6455, section 5.5.3 allows: a flood of pings costs no memory.
    private byte[]? _ping;
    private volatile bool _closed;

    // A close frame is the last word: pings that come behind it are not answered.
    public override bool HasAnswer => !_closed && Volatile.Read(ref _ping) is not null;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> message, bool isBinary, bool compress)
    {
        Write(isBinary ? FrameType.Binary : FrameType.Text, message.Span);
        return default;
    }

    public override ValueTask FlushAsync()
    {
        AnswerPing();
        return PushAsync();
    }

    public override ValueTask CloseOutputAsync(WebSocketCloseStatus status)
    {
        AnswerPing();
        Span<byte> payload = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        Write(FrameType.Close, payload);
        _closed = true;
        return PushAsync();
    }

    private void AnswerPing()
    {
        if (Interlocked.Exchange(ref _ping, null) is { } ping)
        {
            Write(FrameType.Pong, ping);
        }
    }

    private ValueTask PushAsync()
    {
        var flush = _output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            return CheckAsync(flush);
        }

        Check(flush.Result);
        return default;

        static async ValueTask CheckAsync(ValueTask<FlushResult> flush) => Check(await flush);
    }

    private void Answer(ReadOnlySpan<byte> ping) => Volatile.Write(ref _ping, ping.ToArray());

    private void Write(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= SmallFrame)
        {
            var frame = _output.GetSpan(FrameHeader.MaxSize + payload.Length);
            var head = FrameHeader.Write(frame, type, payload.Length);
            payload.CopyTo(frame[head..]);
            _output.Advance(head + payload.Length);
        }
        else
        {
            _output.Advance(FrameHeader.Write(_output.GetSpan(FrameHeader.MaxSize), type, payload.Length));
            _output.Write(payload);
        }
    }

    private static void Check(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new IOException("The connection has ended.");
        }
    }
}
