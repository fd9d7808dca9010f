using System.Net.WebSockets;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// In from the client. Messages that came together are handled one after the other, and what their handlers send to this client leaves in one write behind the last of them: the reader
/// writes it before it waits, for more or for a handler.
/// </summary>
internal sealed partial class WebSocketTransport
{
    // The thread that reads, and writes afterwards what it has queued; 0: there is none. Others who queue something don't wait for the handlers of this one.
    private int _readingThread;
    private bool _hasQueued;

    private async Task ReadAsync(WebSocketChannel channel)
    {
        try
        {
            var listens = true;
            while (listens && channel.Begin(await channel.WaitAsync()))
            {
                BeginReading();
                try
                {
                    while (listens && channel.TryRead(out var message, out var isBinary))
                    {
                        var handling = HandleAsync(channel, Read(message, isBinary));
                        if (handling.IsCompletedSuccessfully)
                        {
                            listens = handling.Result;
                            continue;
                        }

                        EndReading(channel);
                        listens = await handling;
                        BeginReading();
                    }
                }
                finally
                {
                    EndReading(channel);
                }
            }

            if (!listens)
            {
                await channel.SkipToCloseAsync();
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
            await SkipToCloseQuietlyAsync(channel);
        }
        catch (WebSocketFault fault)
        {
            _farewell = fault.Status;
            OnReadEnd(CloseReason.TransportError, fault.Message, peerLives: true);
            await SkipToCloseQuietlyAsync(channel);
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
        finally
        {
            await EndAsync(channel);
        }
    }

    private void BeginReading()
    {
        lock (Session.Gate)
        {
            _readingThread = Environment.CurrentManagedThreadId;
        }
    }

    /// <summary>Writes what this thread has queued, as far as the network takes it at once.</summary>
    private void EndReading(WebSocketChannel channel)
    {
        lock (Session.Gate)
        {
            _readingThread = 0;
            if (!(_hasQueued || channel.HasAnswer) || _writing || _writesHeld)
            {
                return;
            }

            _hasQueued = false;
            _writing = true;
        }

        _ = WriteAsync(channel, isReader: true);
    }

    private ValueTask<bool> HandleAsync(WebSocketChannel channel, EnginePacket packet) =>
        _isProbe ? HandleProbeAsync(channel, packet) : Session.ReceiveAsync(packet, this);

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
    private async ValueTask<bool> HandleProbeAsync(WebSocketChannel channel, EnginePacket packet)
    {
        if (packet is { Type: EnginePacketType.Ping, IsBinary: false } && packet.Data.Span.SequenceEqual("probe"u8))
        {
            if (Session.OnProbe(this))
            {
                await AnswerProbeAsync(channel);
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

    private EnginePacket Read(byte[] frame, bool isBinary) => isBinary switch
    {
        _ when Session.Protocol == 3 => isBinary ? EnginePacket.ReadBinaryOfThree(frame) : EnginePacket.ReadTextOfThree(frame),
        true => EnginePacket.Binary(frame),

        // A client that can't send binary frames writes them as in a polling payload.
        _ when frame is [(byte)'b', ..] => EnginePacket.ReadBase64(frame.AsMemory(1)),
        _ => EnginePacket.ReadText(frame),
    };

    private static async Task SkipToCloseQuietlyAsync(WebSocketChannel channel)
    {
        try
        {
            await channel.SkipToCloseAsync();
        }
        catch (Exception exception) when (exception is WebSocketFault || IsConnectionLoss(exception))
        {
            // That is an end, too.
        }
    }

    private static bool IsConnectionLoss(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
