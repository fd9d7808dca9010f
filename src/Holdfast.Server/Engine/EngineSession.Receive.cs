using Holdfast.Diagnostics;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// What the client sent, one packet at a time: a POST's packets, or the WebSocket's. The two never deliver at once, because the upgrade waits for the POST.
/// </summary>
internal sealed partial class EngineSession
{
    private bool _delivering;
    private bool _closedDuringDelivery;
    private TaskCompletionSource? _closed;

    /// <summary>
    /// Handles one packet. False when nothing behind it may be handled: the session doesn't listen any more. The task is unfinished while the handler asks for a pause,
    /// of which the transport is told.
    /// </summary>
    internal ValueTask<bool> ReceiveAsync(EnginePacket packet, IPausable transport)
    {
        if (_listeners is { } listeners && State == SessionState.Open)
        {
            listeners.OnPacket(packet);
        }

        switch (packet.Type)
        {
            case EnginePacketType.Message:
                OnOtherPacket();
                return DeliverAsync(packet, transport);

            case EnginePacketType.Pong:
                return new(OnPong());

            case EnginePacketType.Ping:
                return new(OnPing());

            case EnginePacketType.Close:
                Discard(CloseReason.TransportClose, "closed by the client", peerLives: true);
                return new(false);

            // An open, upgrade or noop packet says nothing here; the protocol's other servers ignore them as well.
            default:
                OnOtherPacket();
                return new(true);
        }
    }

    private ValueTask<bool> DeliverAsync(EnginePacket packet, IPausable transport)
    {
        lock (_gate)
        {
            // Closes the race with a close from another thread: from here to EndDelivery the closer leaves OnClosed to us.
            if (State != SessionState.Open)
            {
                return new(false);
            }

            _delivering = true;
        }

        _server.Meter.Received(packet.Data.Length);
        ValueTask task;
        try
        {
            task = HandAsync(packet);
        }
        catch (ProtocolException exception)
        {
            Close(CloseReason.ParseError, exception.Message);
            return new(false);
        }
        catch (Exception exception)
        {
            return new(OnHandlerFailed(exception));
        }
        finally
        {
            EndDelivery();
        }

        return task.IsCompletedSuccessfully ? new(State == SessionState.Open) : PauseAsync(task.AsTask(), transport);
    }

    private async ValueTask<bool> PauseAsync(Task task, IPausable transport)
    {
        Task closed;
        lock (_gate)
        {
            if (State == SessionState.Closed)
            {
                closed = Task.CompletedTask;
            }
            else
            {
                closed = (_closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                SuspendHeartbeat();
                transport.OnPause();
            }
        }

        try
        {
            // A handler that never finishes must not hold the request of a session that is gone.
            await Task.WhenAny(task, closed);
            if (!task.IsCompleted)
            {
                _ = task.ContinueWith(
                    static (failed, session) => ((EngineSession)session!).LogHandlerFailure(failed.Exception!.InnerException!),
                    this,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
                return false;
            }

            await task;
        }
        catch (ProtocolException exception)
        {
            Close(CloseReason.ParseError, exception.Message);
        }
        catch (Exception exception)
        {
            OnHandlerFailed(exception);
        }
        finally
        {
            lock (_gate)
            {
                ResumeHeartbeat();
                transport.OnResume();
            }
        }

        return State == SessionState.Open;
    }

    /// <summary>After the handler has returned: if the session closed meanwhile, this is the moment to say so.</summary>
    private void EndDelivery()
    {
        lock (_gate)
        {
            _delivering = false;
            if (!_closedDuringDelivery)
            {
                return;
            }

            _closedDuringDelivery = false;
        }

        NotifyClosed();
    }

    private bool OnHandlerFailed(Exception exception)
    {
        LogHandlerFailure(exception);
        Discard(CloseReason.TransportError, "the application failed");
        return false;
    }

    private void LogHandlerFailure(Exception exception) => _server.Logger.HandlerFailed(exception);
}

/// <summary>A reader that is told, under the gate, that the handler has asked it to wait.</summary>
internal interface IPausable
{
    void OnPause();

    void OnResume();
}
