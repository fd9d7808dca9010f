using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// The server pings one interval after the handshake and after each pong; no pong within the timeout ends the session. The session itself stands in the clock's
/// lanes, for the ping or for the pong. What counts is <c>_heartbeatDue</c>: the clock's call is only the alarm, and a poll looks at it as well, because a
/// timer may be late and an answer that came too late must not be saved by that.
/// In Engine.IO 3 it is the client who pings: the session waits for its ping as it waits for a pong otherwise, and nothing else prolongs the wait.
///
/// While the handler has asked for a pause nothing is read, so neither answers nor pings of the client reach us, for as long as the application takes. But the client goes on looking for signs of
/// life, so ours go on; and what shows that it lives is that something leaves: the sign itself if the application is slow, what stands in the outbox if it is the client who doesn't read.
/// </summary>
internal sealed partial class EngineSession
{
    /// <summary>
    /// How much of a timer's delay is taken off the next wait. Beyond it the process was asleep or starved, and the client would pay for our own fault.
    /// </summary>
    private static readonly long Slack = TimeSpan.FromMilliseconds(50).Ticks;

    private const string WrongDirection = "invalid heartbeat direction";

    private long _heartbeatDue = long.MaxValue;
    private long _signGiven;
    private int _owedPongs;
    private bool _extended;
    private bool _suspended;
    private bool _hasLeft;

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

    /// <summary>Does what is due, for a poll before it waits.</summary>
    internal void CheckHeartbeat()
    {
        if (!TryBeat())
        {
            Discard(CloseReason.PingTimeout);
        }
    }

    // Not on the clock's thread: closing runs what the application does when a client leaves, and all others wait for their pings meanwhile.
    internal override void OnDue()
    {
        if (!TryBeat())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static session => session.Discard(CloseReason.PingTimeout), this, preferLocal: false);
        }
    }

    /// <summary>False: the client has given no sign of life in time.</summary>
    private bool TryBeat()
    {
        bool isFirst;
        bool isLast;
        // Read without the gate: at worst the handler is asked in vain, or not asked, which marks nothing.
        var mark = !AwaitsSign && _server.Clock.Now >= _heartbeatDue ? _handler!.OnPinging() : 0;
        lock (_gate)
        {
            // A pong may have come between the alarm and this lock.
            var now = _server.Clock.Now;
            if (now < _heartbeatDue || State != SessionState.Open)
            {
                return true;
            }

            isFirst = !AwaitsSign;
            isLast = _unsentBytes == 0;
            if (!isFirst && !(_suspended && _hasLeft))
            {
                return false;
            }

            GiveSign(now - _heartbeatDue < Slack ? _heartbeatDue : now);
        }

        if (isFirst)
        {
            _handler!.OnPingSent(mark, isLast);
        }

        return true;
    }

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
            if (State != SessionState.Open || _owedPongs == 0)
            {
                return true;
            }

            if (--_owedPongs > 0)
            {
                // It answers an earlier one, from before or during a pause, and says nothing about what stood before the last.
                StartHeartbeat(_server.PongLane, _server.Clock.Now);
                return true;
            }

            StartHeartbeat(_server.PingLane, _server.Clock.Now);
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
                if (!IsFull && (_outbox.Count == 0 || _outbox.PeekLast() != ControlPackets.Pong))
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
        if (_owedPongs == 0 || _extended)
        {
            return;
        }

        lock (_gate)
        {
            if (State == SessionState.Open && _owedPongs > 0 && !_extended)
            {
                _extended = true;
                StartHeartbeat(_server.PongLane, _server.Clock.Now);
            }
        }
    }

    /// <summary>Whether it is the client's turn: it owes a pong, or it is one that pings by itself.</summary>
    private bool AwaitsSign => _owedPongs > 0 || Protocol == 3;

    /// <summary>Under the gate: a sign of life of our own, and the wait for one of the client.</summary>
    private void GiveSign(long from)
    {
        _extended = _hasLeft = false;
        _signGiven = from;
        StartHeartbeat(_server.PongLane, from);
        if (Protocol != 3)
        {
            _owedPongs++;
        }

        // Before everything queued: a client that reads slowly must not time out for what stands before it.
        _outbox.Trim(); // it may have been idle since the last one
        EnqueueFirst(Protocol == 3 ? ControlPackets.Pong : ControlPackets.Ping);
    }

    /// <summary>Under the gate, once: the session is open.</summary>
    private void BeginHeartbeat() => StartHeartbeat(Protocol == 3 ? _server.SilenceLane : _server.PingLane, _server.Clock.Now);

    private void StartHeartbeat(DeadlineLane lane, long from)
    {
        _heartbeatDue = from + lane.Duration;
        lane.Start(this, from);
    }

    private void StopHeartbeat()
    {
        _heartbeatDue = long.MaxValue;
        _server.Clock.Cancel(this);
    }

    /// <summary>Under the gate. A client of Engine.IO 3 may have sent its ping already, behind the pause: it is answered now.</summary>
    private void SuspendHeartbeat()
    {
        _suspended = true;
        if (Protocol == 3 && State == SessionState.Open)
        {
            GiveSign(_server.Clock.Now);
        }
    }

    /// <summary>Under the gate. What the client owes may have been waiting behind the pause: its whole time starts again. A ping that is to come is due as it was, because the client waits for it.</summary>
    private void ResumeHeartbeat()
    {
        _suspended = false;
        if (State != SessionState.Open || !AwaitsSign)
        {
            return;
        }

        var now = _server.Clock.Now;
        if (Protocol != 3 && now - _signGiven > _server.PongLane.Duration / 2)
        {
            // The pause has held up the pong, and one interval after it might be more than the client waits for.
            GiveSign(now);
        }
        else
        {
            StartHeartbeat(Protocol == 3 ? _server.SilenceLane : _server.PongLane, now);
        }
    }
}
