using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>Out to the client.</summary>
internal sealed partial class WebSocketTransport
{
    private const int BatchPackets = 64;
    private const int BatchBytes = 256 * 1024;

    private readonly bool _wrapsBinary = base64 || session.Protocol == 3;

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync(_channel!);

    /// <summary>
    /// Runs while there is something to send; <c>_writing</c> says that it runs, so there is one at most. The reader writes one batch and leaves the rest to the pool: what others send to this
    /// client must not keep it from reading.
    /// </summary>
    private async Task WriteAsync(WebSocketChannel channel, bool isReader = false)
    {
        var batch = ArrayPool<EncodedPacket>.Shared.Rent(BatchPackets);
        var hasWritten = false;
        try
        {
            while (true)
            {
                int count;
                lock (Session.Gate)
                {
                    if (isReader && hasWritten && Session.QueuedCount > 0)
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                        return;
                    }

                    count = _ended ? 0 : Session.TakeBatch(batch.AsSpan(0, BatchPackets), BatchBytes);
                    if (count == 0 && !channel.HasAnswer && !BeginFarewell(channel))
                    {
                        // Decided under the gate, so that a packet queued right after this finds no writer and starts one.
                        StopWriting();
                        return;
                    }
                }

                if (count > 0)
                {
                    Session.Flushing(batch.AsSpan(0, count));
                    await SendAsync(channel, batch.AsMemory(0, count));
                    Session.Sent(batch.AsSpan(0, count));
                    hasWritten = true;
                }
                else if (_closeSent)
                {
                    await channel.CloseOutputAsync(_farewell);
                    Session.FinishClosing(abort: false);
                }
                else
                {
                    await channel.FlushAsync();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException
            or InvalidOperationException)
        {
            if (exception is WebSocketException { WebSocketErrorCode: WebSocketError.InvalidState } && LeaveToReader())
            {
                return;
            }

            Session.OnTransportLost(this, CloseReason.TransportClose, "connection lost");
            lock (Session.Gate)
            {
                _ended = true;
                _writesHeld = true;
                Abort();
                StopWriting();
            }
        }
        finally
        {
            ArrayPool<EncodedPacket>.Shared.Return(batch, clearArray: true);
        }
    }

    /// <summary>The session's packets don't leave here yet, but the farewell may be due at any moment: it is left to the one who writes.</summary>
    private async ValueTask AnswerProbeAsync(WebSocketChannel channel)
    {
        lock (Session.Gate)
        {
            if (_ended)
            {
                return;
            }

            _writing = true;
        }

        try
        {
            await channel.WriteAsync(ControlPackets.PongProbe.Text, isBinary: false, compress: false);
            await channel.FlushAsync();
        }
        finally
        {
            lock (Session.Gate)
            {
                _writing = _ended;
                if (_ended)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }
            }
        }
    }

    /// <summary>Under the gate: whether the close frame is due, once. The WebSocket itself may have sent it, to a broken frame.</summary>
    private bool BeginFarewell(WebSocketChannel channel)
    {
        if (_closeSent || channel.HasClosed || !(_ended || Session.State == SessionState.Closing))
        {
            return false;
        }

        return _closeSent = true;
    }

    /// <summary>
    /// A WebSocket that has read something that is no frame answers with a close frame by itself and takes nothing more to send. Its reader is about to say so:
    /// the writer, which may be faster, would take it for a lost connection.
    /// </summary>
    private bool LeaveToReader()
    {
        lock (Session.Gate)
        {
            if (_closeSent)
            {
                return false;
            }

            _writesHeld = true;
            StopWriting();
            return true;
        }
    }

    private void StopWriting()
    {
        _writing = false;
        _writerDone?.TrySetResult();
    }

    private async ValueTask SendAsync(WebSocketChannel channel, ReadOnlyMemory<EncodedPacket> batch)
    {
        for (var i = 0; i < batch.Length && !_ended; i++)
        {
            var packet = batch.Span[i];
            if (!packet.Text.IsEmpty)
            {
                await channel.WriteAsync(packet.Text, isBinary: false, MayCompress(packet, packet.Text.Length));
            }

            foreach (var attachment in packet.Attachments)
            {
                var compress = MayCompress(packet, attachment.Length);
                await (_wrapsBinary ? WriteWrappedAsync(channel, attachment, compress) : channel.WriteAsync(attachment, isBinary: true, compress));
            }
        }

        await channel.FlushAsync();
    }

    private bool MayCompress(EncodedPacket packet, int length) => packet.Compress && length >= _compressFrom;

    /// <summary>A binary message as base64 in a text frame, or with its type in front.</summary>
    private async ValueTask WriteWrappedAsync(WebSocketChannel channel, ReadOnlyMemory<byte> data, bool compress)
    {
        var size = 2 + (base64 ? Base64.GetMaxEncodedToUtf8Length(data.Length) : data.Length);
        var frame = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var length = base64 ? WriteBase64(data.Span, frame) : WriteTyped(data.Span, frame);
            await channel.WriteAsync(frame.AsMemory(0, length), isBinary: !base64, compress);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    private int WriteBase64(ReadOnlySpan<byte> data, Span<byte> frame)
    {
        var at = 0;
        frame[at++] = (byte)'b';
        if (Session.Protocol == 3)
        {
            frame[at++] = (byte)'4';
        }

        Base64.EncodeToUtf8(data, frame[at..], out _, out var written);
        return at + written;
    }

    private static int WriteTyped(ReadOnlySpan<byte> data, Span<byte> frame)
    {
        frame[0] = (byte)EnginePacketType.Message;
        data.CopyTo(frame[1..]);
        return 1 + data.Length;
    }
}
