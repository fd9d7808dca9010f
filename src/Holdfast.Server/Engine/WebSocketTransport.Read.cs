using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>In from the client. An idle connection holds no buffer: it waits with an empty one, and rents when a frame has begun.</summary>
internal sealed partial class WebSocketTransport
{
    private const int FirstBuffer = 4 * 1024;

    /// <summary>
    /// A message may come in this many pieces, and one more for each 64 bytes of it. Networks cut into hundreds of bytes; pieces of one byte, or of none, are
    /// made to cost us more than they cost the sender.
    /// </summary>
    private const int FreePieces = 1024;
    private const int BytesPerFurtherPiece = 64;

    private async Task ReadAsync(System.Net.WebSockets.WebSocket socket)
    {
        try
        {
            while (await ReceiveAsync(socket) is { } packet)
            {
                if (!(_isProbe ? await HandleProbeAsync(socket, packet) : await Session.ReceiveAsync(packet, this)))
                {
                    await WaitForCloseAsync(socket);
                    break;
                }
            }

            if (_ended)
            {
                Session.OnPeerAnswered();
            }

            OnReadEnd(CloseReason.TransportClose, "closed by the client", peerLives: true);
        }
        catch (ProtocolException exception)
        {
            OnReadEnd(CloseReason.ParseError, exception.Message, peerLives: true);
            await WaitForCloseQuietlyAsync(socket);
        }
        catch (OversizeException exception)
        {
            _farewell = exception.Status;
            OnReadEnd(CloseReason.TransportError, exception.Message, peerLives: true);
            await WaitForCloseQuietlyAsync(socket);
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode is not (WebSocketError.ConnectionClosedPrematurely or WebSocketError.InvalidState))
        {
            // A broken frame: the WebSocket has answered it with the close code that belongs to it, which an abort could take away again.
            OnReadEnd(CloseReason.TransportError, "invalid WebSocket frame", peerLives: true);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            OnReadEnd(CloseReason.TransportClose, "connection lost", peerLives: false);
        }
    }

    private void OnReadEnd(CloseReason reason, string description, bool peerLives)
    {
        if (_isProbe)
        {
            EndProbe();
        }
        else
        {
            Session.Discard(reason, description, peerLives);
        }
    }

    /// <summary>The probe's two packets. False: this connection leads nowhere and has been told so.</summary>
    private async ValueTask<bool> HandleProbeAsync(System.Net.WebSockets.WebSocket socket, EnginePacket packet)
    {
        if (packet is { Type: EnginePacketType.Ping, IsBinary: false } && packet.Data.Span.SequenceEqual("probe"u8))
        {
            if (Session.OnProbe(this))
            {
                var pong = ControlPackets.PongProbe;
                await socket.SendAsync(pong.Text, WebSocketMessageType.Text, FlagsFor(pong, pong.Size), CancellationToken.None);
                return true;
            }
        }
        else if (packet.Type == EnginePacketType.Upgrade && await Session.CompleteUpgradeAsync(this))
        {
            return true;
        }

        EndProbe();
        return false;
    }

    /// <summary>One frame's packet, or null when the client closes. The data is an array of its own.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<EnginePacket?> ReceiveAsync(System.Net.WebSockets.WebSocket socket)
    {
        var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (received.MessageType == WebSocketMessageType.Close)
        {
            return null;
        }

        if (received.EndOfMessage)
        {
            return Read([], received.MessageType);
        }

        var limit = Session.Server.Options.MaxHttpBufferSize;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            for (var pieces = 1; ; pieces++)
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += received.Count;
                if (length > limit)
                {
                    throw new OversizeException(WebSocketCloseStatus.MessageTooBig, "message too large");
                }

                if (received.EndOfMessage)
                {
                    return Read(buffer.AsSpan(0, length).ToArray(), received.MessageType);
                }

                if (pieces > FreePieces + (length / BytesPerFurtherPiece))
                {
                    throw new OversizeException(WebSocketCloseStatus.PolicyViolation, "message in too many fragments");
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private EnginePacket Read(byte[] frame, WebSocketMessageType type) => type switch
    {
        _ when Session.Protocol == 3 => type == WebSocketMessageType.Binary ? EnginePacket.ReadBinaryOfThree(frame) : EnginePacket.ReadTextOfThree(frame),
        WebSocketMessageType.Binary => EnginePacket.Binary(frame),

        // A client that can't send binary frames writes them as in a polling payload.
        _ when frame is [(byte)'b', ..] => EnginePacket.ReadBase64(frame.AsMemory(1)),
        _ => EnginePacket.ReadText(frame),
    };

    /// <summary>Reads past everything until the client closes as well. Not for long: each way here has started a deadline.</summary>
    private static async Task WaitForCloseAsync(System.Net.WebSockets.WebSocket socket)
    {
        var rest = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            while ((await socket.ReceiveAsync(rest.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rest);
        }
    }

    private static async Task WaitForCloseQuietlyAsync(System.Net.WebSockets.WebSocket socket)
    {
        try
        {
            await WaitForCloseAsync(socket);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            // That is an end, too.
        }
    }

    private static bool IsConnectionLoss(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private sealed class OversizeException(WebSocketCloseStatus status, string message) : Exception(message)
    {
        public WebSocketCloseStatus Status { get; } = status;
    }
}
