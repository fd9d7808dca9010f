using Holdfast.Diagnostics;

namespace Holdfast.Engine;

/// <summary>
/// Ends a session, once, whichever side wins. <see cref="Close()"/> lets the outbox go out first and then takes the transport down; <see cref="Discard(CloseReason, string?)"/> ends it now.
/// Both meet in <see cref="Finish"/>, which moves the state to Closed under the gate: the one caller that makes this move does the rest.
/// </summary>
internal sealed partial class EngineSession
{
    private CloseReason _closeReason = CloseReason.ForcedClose;
    private string? _closeDescription;

    /// <summary>Why it closed, or is closing.</summary>
    internal CloseReason CloseReason => _closeReason;

    /// <summary>Gracefully: what is queued goes out, then the transport is closed. Later sends are dropped, later messages ignored.</summary>
    public void Close() => Close(CloseReason.ForcedClose, null);

    /// <summary>At once: the outbox is dropped, the transport ended, what still arrives ignored.</summary>
    public void Discard(CloseReason reason, string? description = null) => Finish(reason, description, abort: true);

    /// <summary>As <see cref="Discard(CloseReason, string?)"/>, with a proper farewell on the transport.</summary>
    internal void Discard(CloseReason reason, string? description, bool peerLives) => Finish(reason, description, abort: !peerLives);

    /// <summary>
    /// At once, with a proper farewell, for another connection of the same client. If this one still answers after all (the close frame's reply, or one more request), its handler is told.
    /// </summary>
    public void GiveWay(string description)
    {
        _server.Remember(this);
        Discard(CloseReason.TransportClose, description, peerLives: true);
    }

    /// <summary>The session is over, but its client is there.</summary>
    internal void OnPeerAnswered()
    {
        if (_server.Forget(this))
        {
            _handler?.OnPeerAnswered();
        }
    }

    internal void Close(CloseReason reason, string? description)
    {
        OutboxWaiter[] waiters;
        lock (_gate)
        {
            if (State >= SessionState.Closing)
            {
                return;
            }

            State = SessionState.Closing;
            _closeReason = reason;
            _closeDescription = description;
            StopHeartbeat();
            waiters = LeaveLine();

            // A client that never fetches the rest, or never reads it, must not keep the session.
            _server.ClosingLane.Start(_transport);
            _transport.Notify();
        }

        Abandon(waiters);
    }

    /// <summary>The transport has sent everything and said goodbye, or has given up trying.</summary>
    internal void FinishClosing(bool abort)
    {
        lock (_gate)
        {
            // An alarm that was on its way when its deadline was cancelled means nothing any more.
            if (State != SessionState.Closing)
            {
                return;
            }
        }

        Finish(_closeReason, _closeDescription, abort);
    }

    /// <summary>The transport is lost.</summary>
    internal void OnTransportLost(Transport transport, CloseReason reason, string description)
    {
        lock (_gate)
        {
            // A transport that the upgrade has replaced, or a probe, has no say.
            if (transport != _transport)
            {
                return;
            }
        }

        Finish(reason, description, abort: true);
    }

    private void Finish(CloseReason reason, string? description, bool abort)
    {
        OutboxWaiter[] waiters;
        bool notify;
        bool wasClosing;
        lock (_gate)
        {
            // Both sides may close at the same moment, and the timer too: the first one wins, the others find it done.
            if (State == SessionState.Closed)
            {
                return;
            }

            wasClosing = State == SessionState.Closing;
            State = SessionState.Closed;
            if (wasClosing)
            {
                // The server's own decision came first; that the client went away meanwhile doesn't change the reason.
                reason = _closeReason;
                description = _closeDescription;
            }

            _closeReason = reason;
            _closeDescription = description;
            StopHeartbeat();
            _outbox.Clear();
            waiters = LeaveLine();
            CompleteDrainWaiters();
            FailFlushWaiters();
            _closed?.TrySetResult();
            _server.Clock.Cancel(_transport);
            _transport.End(reason, abort);
            EndProbe(reason);
            if (_polling is { } retired && retired != _transport)
            {
                retired.End(reason, abort);
            }

            // A message is being handled: its deliverer tells the handler afterwards, so that the two calls never overlap.
            notify = !_delivering;
            _closedDuringDelivery = _delivering;
        }

        _server.Remove(this, reason);
        _server.Logger.SessionClosed(TransportName, reason, description);
        Abandon(waiters);
        if (notify)
        {
            NotifyClosed();
        }
    }

    private void NotifyClosed()
    {
        try
        {
            _handler?.OnClosed(_closeReason, _closeDescription);
        }
        catch (Exception exception)
        {
            LogHandlerFailure(exception);
        }

        _listeners?.OnClose(_closeReason, _closeDescription);
    }

    private static void Abandon(OutboxWaiter[] waiters)
    {
        foreach (var waiter in waiters)
        {
            // Not on this thread: the closer may hold a lock of its own.
            ThreadPool.UnsafeQueueUserWorkItem(static w => w.Abandon(), waiter, preferLocal: false);
        }
    }
}
