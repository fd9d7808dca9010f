using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>The GET: its arrival, its waiting, its loss. What it says is in the Body part.</summary>
internal sealed partial class PollingTransport
{
    private TaskCompletionSource? _written;

    /// <summary>The first poll is the handshake itself.</summary>
    public async Task HandlePollAsync(HttpContext context)
    {
        Session.CheckHeartbeat();
        var mark = MarkOf(context);
        Body body;
        while (Arrive(mark, out body, out var previous) is { } refusal)
        {
            if (previous is not null)
            {
                await previous;
                continue;
            }

            if (refusal == Refusal.Overlap)
            {
                Session.Discard(CloseReason.TransportError, "overlap from client", peerLives: true);
            }
            else if (refusal == Refusal.Repeated)
            {
                Session.Discard(CloseReason.TransportError, AnswerLost, peerLives: true);
            }

            await RefuseAsync(context, refusal);
            return;
        }

        if (body.Kind == BodyKind.None)
        {
            body = await WaitForBodyAsync(context.RequestAborted);
        }

        await WriteBodyAsync(context, body);
    }

    /// <summary>Null: the poll is in, with a body or parked. Otherwise it has to wait for the previous one, or is refused.</summary>
    private Refusal? Arrive(RequestMark? mark, out Body body, out Task? previous)
    {
        body = default;
        previous = null;
        lock (Session.Gate)
        {
            if (Session.State == SessionState.Closed)
            {
                return Refusal.SessionUnknown;
            }

            if (_retired)
            {
                return Refusal.TransportMismatch;
            }

            if ((_poll == PollState.Writing || _pollAborted) && _written is null)
            {
                // The client may have read the previous body, and sent this poll on another connection, before our own write has come back; or the previous
                // poll was dropped, and its request is about to find out.
                _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
                previous = _written.Task;
                return Refusal.Overlap;
            }

            if (_poll != PollState.None)
            {
                return Refusal.Overlap;
            }

            if (mark?.RepeatsPoll(_answeredPoll) == true)
            {
                return Refusal.Repeated;
            }

            _pollMark = mark;
            Session.OnPollArrived();
            _arrived = Session.Server.Clock.Now;
            _awaitsUpgrade = Session.IsProbed;
            if (!TryTakeBody(arrives: true, out body))
            {
                Park();
                if (_awaitsUpgrade)
                {
                    OnProbed();
                }
            }

            return null;
        }
    }

    private async ValueTask<Body> WaitForBodyAsync(CancellationToken aborted)
    {
        using var registration = aborted.UnsafeRegister(static poll => ((PollingTransport)poll!).OnPollAborted(), this);
        while (true)
        {
            // Only this request parks and so resets the source: the version is still ours.
            await new ValueTask(this, _wake.Version);
            lock (Session.Gate)
            {
                if (TryTakeBody(arrives: false, out var body))
                {
                    return body;
                }

                // A POST that came in between holds the flush again.
                Park();
            }
        }
    }

    /// <summary>Under the gate.</summary>
    private void Park()
    {
        _wake.Reset();
        _poll = PollState.Parked;
        _lastPoll?.TrySetResult();
    }

    private void OnPollAborted()
    {
        lock (Session.Gate)
        {
            // Too late for a body that is being written: the writer finds out itself.
            if (_poll is PollState.Parked or PollState.Woken)
            {
                _pollAborted = true;
                Wake();
            }
        }
    }

    /// <summary>The client dropped the poll before its messages were written; they go back.</summary>
    private void OnPollCutOff(ReadOnlySpan<EncodedPacket> batch)
    {
        bool forgiven;
        lock (Session.Gate)
        {
            Session.PutBack(batch);
            EndPoll();
            forgiven = IsPollLossForgiven();
        }

        if (!forgiven)
        {
            Session.Discard(CloseReason.TransportError, PollCutOff);
        }
    }

    /// <summary>Under the gate, at the moment of the loss: a poll that comes later makes it undone.</summary>
    private bool IsPollLossForgiven() => _retired || Session.ForgivePollLoss();

    /// <summary>Under the gate: the next poll may come, and an upgrade may go on.</summary>
    private void EndPoll()
    {
        _poll = PollState.None;
        _pollAborted = false;
        _written?.TrySetResult();
        _written = null;
        CheckQuiet();
    }
}
