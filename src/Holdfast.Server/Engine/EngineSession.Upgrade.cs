using Holdfast.Diagnostics;

namespace Holdfast.Engine;

/// <summary>
/// From polling to WebSocket, without a message lost or out of order:
///
///     client                                   server
///     WebSocket with the session's id     ->   claims the one probe slot; the upgrade's deadline starts
///     2probe                              ->   3probe; from now on no poll waits for long: what is queued goes out, else 6
///     (its poll ends, its POSTs are answered)
///     5                                   ->   polls are refused from now on; the WebSocket is the session's transport, but it neither
///                                              reads nor writes until the POST under way is handled and the poll that carries messages is written
///     4...                                &lt;-&gt;  everything else on the WebSocket
///
/// A probe that ends early, by its deadline, a wrong packet or a lost connection, leaves the session on polling as if nothing had been.
/// </summary>
internal sealed partial class EngineSession
{
    private PollingTransport? _polling;
    private WebSocketTransport? _probe;
    private bool _probed;
    private bool _pollLost;

    /// <summary>Under the gate: whether polls have to end at once, so that the client can leave polling.</summary>
    internal bool IsProbed => _probed;

    /// <summary>Claims the probe slot for a WebSocket that is about to be accepted. Closes the race of two WebSockets for one session: the second is refused.</summary>
    internal bool TryBeginUpgrade(WebSocketTransport probe)
    {
        lock (_gate)
        {
            if (State is not (SessionState.Open or SessionState.Closing) || _probe is not null || _transport is not PollingTransport polling)
            {
                return false;
            }

            _polling = polling;
            _probe = probe;
            _server.UpgradeLane.Start(probe);
            return true;
        }
    }

    /// <summary>The client's <c>2probe</c> on the probe. False when the probe has ended meanwhile.</summary>
    internal bool OnProbe(WebSocketTransport probe)
    {
        lock (_gate)
        {
            if (_probe != probe)
            {
                return false;
            }

            _probed = true;
            _polling!.OnProbed();
        }

        _listeners?.OnUpgrading(probe.Name);
        return true;
    }

    /// <summary>The client's <c>5</c>. True when the WebSocket carries the session; the caller then reads on.</summary>
    internal async ValueTask<bool> CompleteUpgradeAsync(WebSocketTransport probe)
    {
        Task quiet;
        lock (_gate)
        {
            // The deadline or a close may have been faster.
            if (_probe != probe || State == SessionState.Closed)
            {
                return false;
            }

            _server.Clock.Cancel(probe);
            _probe = null;
            _probed = false;
            _pollLost = false;
            if (State == SessionState.Closing)
            {
                _server.Clock.Cancel(_polling!);
                _server.ClosingLane.Start(probe);
            }

            // From here polls and POSTs are refused. The WebSocket holds its writes, so nothing overtakes the messages of the last poll.
            probe.TakeOver();
            _transport = probe;
            quiet = _polling!.Retire();
        }

        _server.Meter.Upgraded();
        await quiet;
        lock (_gate)
        {
            if (State == SessionState.Closed)
            {
                return false;
            }

            _polling = null;
            IsUpgraded = true;
            probe.Release();
        }

        _server.Logger.Upgraded();
        _listeners?.OnUpgrade(probe.Name);
        return true;
    }

    /// <summary>The probe ended without an upgrade: its deadline, a wrong packet, or the connection.</summary>
    internal void OnProbeLost(WebSocketTransport probe)
    {
        bool pollLost;
        lock (_gate)
        {
            if (_probe != probe)
            {
                return;
            }

            _server.Clock.Cancel(probe);
            _probe = null;
            _probed = false;
            pollLost = _pollLost;
        }

        // The client dropped its poll while it was moving over, and now the way over is gone as well.
        if (pollLost)
        {
            Discard(CloseReason.TransportError, PollingTransport.PollCutOff);
        }
    }

    /// <summary>
    /// Under the gate: a poll was cut off before anything was written to it. Clients and proxies do that during an upgrade, so while a probe is running it is
    /// forgiven until the probe ends or the next poll comes.
    /// </summary>
    internal bool ForgivePollLoss() => _pollLost = _probe is not null;

    /// <summary>Under the gate: a new poll has come.</summary>
    internal void OnPollArrived() => _pollLost = false;

    private void EndProbe(CloseReason reason)
    {
        if (_probe is { } probe)
        {
            _server.Clock.Cancel(probe);
            _probe = null;
            probe.End(reason, abort: false);
        }
    }
}
