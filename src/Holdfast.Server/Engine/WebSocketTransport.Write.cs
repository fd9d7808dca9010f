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

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync(_socket!);

    /// <summary>Runs while there is something to send; <c>_writing</c> says that it runs, so there is one at most.</summary>
    private async Task WriteAsync(System.Net.WebSockets.WebSocket socket)
    {
        var batch = ArrayPool<EncodedPacket>.Shared.Rent(BatchPackets);
        try
        {
            while (true)
            {
                int count;
                lock (Session.Gate)
                {
                    count = _ended ? 0 : Session.TakeBatch(batch.AsSpan(0, BatchPackets), BatchBytes);
                    if (count == 0 && !BeginFarewell())
                    {
                        // Decided under the gate, so that a packet queued right after this finds no writer and starts one.
                        StopWriting();
                        return;
                    }
                }

                if (count > 0)
                {
                    Session.Flushing(batch.AsSpan(0, count));
                    await SendAsync(socket, batch.AsMemory(0, count));
                    Session.Sent(batch.AsSpan(0, count));
                }
                else
                {
                    await socket.CloseOutputAsync(_farewell, null, CancellationToken.None);
                    Session.FinishClosing(abort: false);
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
                Abort();
                StopWriting();
            }
        }
        finally
        {
            ArrayPool<EncodedPacket>.Shared.Return(batch, clearArray: true);
        }
    }

    /// <summary>Under the gate: whether the close frame is due, once. The WebSocket itself may have sent it, to a broken frame.</summary>
    private bool BeginFarewell()
    {
        if (_closeSent || _socket!.State is WebSocketState.CloseSent or WebSocketState.Aborted || !(_ended || Session.State == SessionState.Closing))
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
        if (_ended)
        {
            _writerDone.TrySetResult();
        }
    }

    private async ValueTask SendAsync(System.Net.WebSockets.WebSocket socket, ReadOnlyMemory<EncodedPacket> batch)
    {
        for (var i = 0; i < batch.Length && !_ended; i++)
        {
            var packet = batch.Span[i];
            if (!packet.Text.IsEmpty)
            {
                await socket.SendAsync(packet.Text, WebSocketMessageType.Text, FlagsFor(packet, packet.Text.Length), CancellationToken.None);
            }

            foreach (var attachment in packet.Attachments)
            {
                var flags = FlagsFor(packet, attachment.Length);
                await (_wrapsBinary ? SendWrappedAsync(socket, attachment, flags) : socket.SendAsync(attachment, WebSocketMessageType.Binary, flags, CancellationToken.None));
            }
        }
    }

    private WebSocketMessageFlags FlagsFor(EncodedPacket packet, int length) => packet.Compress && length >= _compressFrom
        ? WebSocketMessageFlags.EndOfMessage
        : WebSocketMessageFlags.EndOfMessage | WebSocketMessageFlags.DisableCompression;

    /// <summary>A binary message as base64 in a text frame, or with its type in front.</summary>
    private async ValueTask SendWrappedAsync(System.Net.WebSockets.WebSocket socket, ReadOnlyMemory<byte> data, WebSocketMessageFlags flags)
    {
        var size = 2 + (base64 ? Base64.GetMaxEncodedToUtf8Length(data.Length) : data.Length);
        var frame = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var length = base64 ? WriteBase64(data.Span, frame) : WriteTyped(data.Span, frame);
            var type = base64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(frame.AsMemory(0, length), type, flags, CancellationToken.None);
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
