using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// The server pings one interval after the handshake and after each pong; no pong within the timeout ends the session. The session itself stands in the clock's
/// lanes, for the ping or for the pong. What counts is <c>_heartbeatDue</c>: the clock's call is only the alarm, and a poll looks at it as well, because a
/// timer may be late and an answer that came too late must not be saved by that.
/// In Engine.IO 3 it is the client who pings: the session waits for its ping as it waits for a pong otherwise, and nothing else prolongs the wait.
/// </summary>
internal sealed partial class EngineSession
{
    /// <summary>
    /// How much of a timer's delay is taken off the next wait. Beyond it the process was asleep or starved, and the client would pay for our own fault.
    /// </summary>
    private static readonly long Slack = TimeSpan.FromMilliseconds(50).Ticks;

    private const string WrongDirection = "invalid heartbeat direction";

    private long _heartbeatDue = long.MaxValue;
    private bool _awaitingPong;
    private bool _extended;
    private bool _suspended;

    /// <summary>Whether the handler asked for a pause, during which no pong can be read. Under the gate: with the answer, the deadline that belongs to it is set.</summary>
    internal bool IsHeartbeatSuspended
    {
        get
        {
            lock (_gate)
            {
                return _suspended;
            }
        }
    }

    /// <summary>Does what is due; called by the clock, and by a poll before it waits.</summary>
    internal void CheckHeartbeat()
    {
        bool timedOut;
        bool isLast;
        // Read without the gate: at worst the handler is asked in vain, or not asked, which marks nothing.
        var mark = !_awaitingPong && _server.Clock.Now >= _heartbeatDue ? _handler!.OnPinging() : 0;
        lock (_gate)
        {
            // A pong may have come between the alarm and this lock, or the handler paused the reading that a pong would need.
            var now = _server.Clock.Now;
            if (now < _heartbeatDue || State != SessionState.Open || _suspended)
            {
                return;
            }

            timedOut = _awaitingPong;
            isLast = _unsentBytes == 0;
            if (!timedOut)
            {
                _awaitingPong = true;
                _extended = false;
                StartHeartbeat(_server.PongLane, now - _heartbeatDue < Slack ? _heartbeatDue : now);

                _outbox.Trim();

                // Before everything queued: a client that reads slowly must not time out for what stands before the ping.
                EnqueueFirst(ControlPackets.Ping);
            }
        }

        if (timedOut)
        {
            Discard(CloseReason.PingTimeout);
        }
        else
        {
            _handler!.OnPingSent(mark, isLast);
        }
    }

    internal override void OnDue() => CheckHeartbeat();

    /// <summary>False: it has no business to send one.</summary>
    private bool OnPong()
    {
        if (Protocol == 3)
        {
            Discard(CloseReason.TransportError, WrongDirection, peerLives: true);
            return false;
        }

        lock (_gate)
        {
            if (State != SessionState.Open || !_awaitingPong)
            {
                return true;
            }

            _awaitingPong = false;
            StartPingInterval(_server.Clock.Now);
        }

        _handler!.OnPong();
        _listeners?.OnHeartbeat();
        return true;
    }

    /// <summary>A ping from the client: Engine.IO 3. False: it speaks a later revision, in which the server pings.</summary>
    private bool OnPing()
    {
        if (Protocol != 3)
        {
            Discard(CloseReason.TransportError, WrongDirection, peerLives: true);
            return false;
        }

        lock (_gate)
        {
            if (State == SessionState.Open)
            {
                StartHeartbeat(_server.SilenceLane, _server.Clock.Now);
                _outbox.Trim();

                // A client that pings without reading gets no heap of pongs: one that waits already answers this ping, too.
                if (_unsentBytes < _server.Options.OutboxLimit && (_outbox.Count == 0 || _outbox.PeekLast() != ControlPackets.Pong))
                {
                    Enqueue(ControlPackets.Pong);
                }
            }
        }

        _listeners?.OnHeartbeat();
        return true;
    }

    /// <summary>Any other packet shows that the client lives: the first one after a ping restarts the wait, further ones don't.</summary>
    private void OnOtherPacket()
    {
        // Read without the gate on the way of every message; set only by this reader and, before its ping leaves, by the clock.
        if (!_awaitingPong || _extended)
        {
            return;
        }

        lock (_gate)
        {
            if (State == SessionState.Open && _awaitingPong && !_extended)
            {
                _extended = true;
                StartHeartbeat(_server.PongLane, _server.Clock.Now);
            }
        }
    }

    /// <summary>Under the gate, once: the session is open.</summary>
    private void BeginHeartbeat()
    {
        if (Protocol == 3)
        {
            // As if the one wait of this session had been prolonged already.
            _awaitingPong = _extended = true;
            StartHeartbeat(_server.SilenceLane, _server.Clock.Now);
        }
        else
        {
            StartPingInterval(_server.Clock.Now);
        }
    }

    private void StartPingInterval(long from) => StartHeartbeat(_server.PingLane, from);

    private void StartHeartbeat(DeadlineLane lane, long from)
    {
        _heartbeatDue = from + lane.Duration;
        if (!_suspended)
        {
            lane.Start(this, from);
        }
    }

    private void StopHeartbeat()
    {
        _heartbeatDue = long.MaxValue;
        _server.Clock.Cancel(this);
    }

    private void SuspendHeartbeat()
    {
        _suspended = true;
        _server.Clock.Cancel(this);
    }

    /// <summary>The pong, if one is owed, may have been waiting behind the pause: its whole time starts again.</summary>
    private void ResumeHeartbeat()
    {
        _suspended = false;
        if (State == SessionState.Open)
        {
            StartHeartbeat(Protocol == 3 ? _server.SilenceLane : _awaitingPong ? _server.PongLane : _server.PingLane, _server.Clock.Now);
        }
    }
}
