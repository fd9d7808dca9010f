using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Unicode;

namespace Holdfast.Engine;

internal sealed partial class FrameChannel
{
    private const int FirstAssembly = 4 * 1024;

    // What has arrived and is not handled. An idle connection has none of it: the pipe holds a buffer only while there is something in it.
    private ReadOnlySequence<byte> _arrived;
    private bool _isReading;
    private bool _hasEnded;
    private bool _peerClosed;

    // The frame whose payload is under way, and the message that it belongs to, unless both are complete in what has arrived.
    private FrameHeader _frame;
    private long _missing;
    private uint _mask;
    private FrameType _message;
    private byte[]? _assembly;
    private int _assembled;
    private int _pieces;
    private bool _skips;

    public override ValueTask<ReadResult> WaitAsync()
    {
        if (_peerClosed)
        {
            return default;
        }

        EndRead();
        return _input.ReadAsync();
    }

    public override bool Begin(ReadResult arrived)
    {
        if (_peerClosed)
        {
            return false;
        }

        _arrived = arrived.Buffer;
        _isReading = true;

        // What arrived last is read before its end counts.
        if (_hasEnded || (arrived.IsCompleted && _arrived.IsEmpty))
        {
            throw new IOException("The connection ended without a close frame.");
        }

        _hasEnded = arrived.IsCompleted;
        return true;
    }

    public override bool TryRead(out byte[] message, out bool isBinary)
    {
        while (!_peerClosed && !_arrived.IsEmpty)
        {
            if (_missing == 0 && !TryBeginFrame())
            {
                break;
            }

            if (_frame.IsControl)
            {
                if (_arrived.Length < _missing)
                {
                    break;
                }

                TakeControlFrame();
            }
            else if (TryTakePayload(out message!))
            {
                isBinary = _message == FrameType.Binary;
                _message = FrameType.Continuation;
                if (!isBinary && !Utf8.IsValid(message))
                {
                    throw new WebSocketFault(WebSocketCloseStatus.InvalidPayloadData, "invalid WebSocket frame");
                }

                return true;
            }
        }

        message = [];
        isBinary = false;
        return false;
    }

    public override async ValueTask SkipToCloseAsync()
    {
        _skips = true;
        ReturnAssembly();
        do
        {
            while (TryRead(out _, out _))
            {
            }
        }
        while (Begin(await WaitAsync()));
    }

    /// <summary>Reads the head of the next frame. False: more has to arrive.</summary>
    private bool TryBeginFrame()
    {
        var bytes = _arrived.FirstSpan;
        if (bytes.Length < FrameHeader.MaxSize && !_arrived.IsSingleSegment)
        {
            Span<byte> gathered = stackalloc byte[FrameHeader.MaxSize];
            var head = _arrived.Slice(0, Math.Min(_arrived.Length, FrameHeader.MaxSize));
            head.CopyTo(gathered);
            return FrameHeader.TryRead(gathered[..(int)head.Length], out var frame) && Begin(frame);
        }

        return FrameHeader.TryRead(bytes, out var header) && Begin(header);
    }

    private bool Begin(in FrameHeader frame)
    {
        if (!frame.IsControl)
        {
            // A message begins with its type and goes on without one; control frames may stand in between.
            var isFirst = frame.Type != FrameType.Continuation;
            if (isFirst != (_message == FrameType.Continuation))
            {
                throw FrameHeader.Invalid();
            }

            // Before any of it is kept. What is skipped is not kept at all.
            if (!_skips && frame.Length > maxMessage - _assembled)
            {
                throw TooLarge();
            }

            _pieces = isFirst ? 1 : _pieces + 1;
            if (!_skips && IsInTooManyPieces(_pieces, _assembled))
            {
                throw TooManyPieces();
            }

            if (isFirst)
            {
                _message = frame.Type;
            }
        }

        _arrived = _arrived.Slice(frame.Size);
        _frame = frame;
        _missing = frame.Length;
        _mask = frame.Mask;
        return true;
    }

    /// <summary>Takes what has arrived of the frame. False: the message is not complete.</summary>
    private bool TryTakePayload(out byte[]? message)
    {
        message = null;
        var length = (int)Math.Min(_missing, _arrived.Length);
        var isComplete = length == _missing && _frame.IsLast;
        if (_skips)
        {
            _arrived = _arrived.Slice(length);
        }
        else if (isComplete && _assembly is null)
        {
            message = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(length);
            Take(message);
        }
        else
        {
            Take(Assembly(length));
            _assembled += length;
            if (isComplete)
            {
                message = _assembly.AsSpan(0, _assembled).ToArray();
                ReturnAssembly();
            }
        }

        _missing -= length;
        if (isComplete)
        {
            // What is skipped is a message without bytes to those who count.
            message ??= [];
        }

        return isComplete;
    }

    private void Take(Span<byte> destination)
    {
        var payload = _arrived.Slice(0, destination.Length);
        if (payload.IsSingleSegment)
        {
            _mask = FrameMask.Remove(payload.FirstSpan, destination, _mask);
        }
        else
        {
            foreach (var segment in payload)
            {
                _mask = FrameMask.Remove(segment.Span, destination, _mask);
                destination = destination[segment.Length..];
            }
        }

        _arrived = _arrived.Slice(payload.End);
    }

    /// <summary>Room for that much more of the message. It grows with what has arrived, whatever length the client has announced.</summary>
    private Span<byte> Assembly(int more)
    {
        var needed = _assembled + more;
        if (_assembly is null)
        {
            _assembly = ArrayPool<byte>.Shared.Rent(Math.Max(needed, FirstAssembly));
        }
        else if (needed > _assembly.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min((long)_assembly.Length * 2, maxMessage)));
            _assembly.AsSpan(0, _assembled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_assembly);
            _assembly = larger;
        }

        return _assembly.AsSpan(_assembled, more);
    }

    private void TakeControlFrame()
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.MaxControlPayload];
        var payload = bytes[..(int)_missing];
        Take(payload);
        _missing = 0;
        switch (_frame.Type)
        {
            case FrameType.Close:
                CheckClose(payload);
                _peerClosed = true;
                break;
            case FrameType.Ping:
                Answer(payload);
                break;
        }
    }

    /// <summary>RFC 6455, section 5.5.1 and 7.4: nothing, or a status that may be sent, and text.</summary>
    private static void CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return;
        }

        var status = payload.Length == 1 ? 0 : (payload[0] << 8) | payload[1];
        if (status is not (>= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999))
        {
            throw FrameHeader.Invalid();
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            throw new WebSocketFault(WebSocketCloseStatus.InvalidPayloadData, "invalid WebSocket frame");
        }
    }

    private void EndRead()
    {
        if (_isReading)
        {
            // Looked at in full: the next read waits for more. What is left is less than a head, or than a control frame.
            _isReading = false;
            _input.AdvanceTo(_arrived.Start, _arrived.End);
            _arrived = default;
        }
    }

    private void ReturnAssembly()
    {
        if (_assembly is { } assembly)
        {
            _assembly = null;
            _assembled = 0;
            ArrayPool<byte>.Shared.Return(assembly);
        }
    }
}
