using System.Buffers;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>The GET: out to the client.</summary>
internal sealed partial class PollingTransport
{
    /// <summary>What one body carries at most, unless one packet alone is larger; the rest waits for the next poll.</summary>
    private const int MaxBodyBytes = 1_000_000;
    private const int MaxBodyPackets = 1024;

    private static readonly byte[] CloseBody = "1"u8.ToArray();
    private static readonly byte[] NoopBody = "6"u8.ToArray();
    private static readonly byte[] NoopAndCloseBody = "6\u001e1"u8.ToArray();

    /// <summary>The first poll is the handshake itself.</summary>
    public async Task HandlePollAsync(HttpContext context)
    {
        Session.CheckHeartbeat();
        Refusal? refusal = null;
        var body = default(Body);
        lock (Session.Gate)
        {
            if (Session.State == SessionState.Closed)
            {
                refusal = Refusal.SessionUnknown;
            }
            else if (_retired)
            {
                refusal = Refusal.TransportMismatch;
            }
            else if (_poll != PollState.None)
            {
                refusal = Refusal.Overlap;
            }
            else
            {
                Session.OnPollArrived();
                _pollAborted = false;
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
            }
        }

        if (refusal is not null)
        {
            if (refusal == Refusal.Overlap)
            {
                Session.Discard(CloseReason.TransportError, "overlap from client", peerLives: true);
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

    /// <summary>Under the gate: decides what the poll says, and takes it.</summary>
    private bool TryTakeBody(bool arrives, out Body body)
    {
        body = default;
        if (_pollAborted)
        {
            body = new(BodyKind.Aborted);
        }
        else if (Session.State == SessionState.Closed)
        {
            body = new(_endWithNoop ? BodyKind.Noop : BodyKind.Close);
        }
        else if (_retired)
        {
            body = new(_awaitsUpgrade ? BodyKind.Refusal : BodyKind.Noop);
        }
        else if (_held)
        {
            return false;
        }
        else if (Session.QueuedCount > 0)
        {
            var most = Math.Min(Session.QueuedCount, MaxBodyPackets);
            var batch = ArrayPool<EncodedPacket>.Shared.Rent(most);
            var count = Session.TakeBatch(batch.AsSpan(0, most), MaxBodyBytes);
            _pollCarriesMessages = true;
            body = new(BodyKind.Messages, batch, count);
        }
        else if (Session.State == SessionState.Closing)
        {
            body = new(arrives ? BodyKind.NoopAndClose : BodyKind.LastClose);
        }
        else if (Session.IsProbed && !_awaitsUpgrade)
        {
            body = new(BodyKind.Noop);
        }
        else
        {
            return false;
        }

        _poll = PollState.Writing;
        _awaitsUpgrade = false;
        return true;
    }

    private async Task WriteBodyAsync(HttpContext context, Body body)
    {
        switch (body.Kind)
        {
            case BodyKind.Aborted:
                OnPollCutOff(default);
                return;

            case BodyKind.Messages:
                await WriteMessagesAsync(context, body.Batch.AsMemory(0, body.Count));
                ArrayPool<EncodedPacket>.Shared.Return(body.Batch!, clearArray: true);
                return;
        }

        if (body.Kind == BodyKind.Refusal)
        {
            await RefuseAsync(context, Refusal.TransportMismatch);
            return;
        }

        var bytes = body.Kind switch
        {
            BodyKind.Noop => NoopBody,
            BodyKind.NoopAndClose => NoopAndCloseBody,
            _ => CloseBody,
        };

        try
        {
            SetHeaders(context, "text/plain; charset=UTF-8", bytes.Length);
            await context.Response.Body.WriteAsync(bytes, CancellationToken.None);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Nothing of worth is lost; a client that has gone is found by its next request or its missing pong.
        }

        lock (Session.Gate)
        {
            _poll = PollState.None;
        }

        if (body.Kind is BodyKind.LastClose or BodyKind.NoopAndClose)
        {
            Session.FinishClosing(abort: false);
        }
    }

    private async Task WriteMessagesAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            OnPollCutOff(batch.Span);
            return;
        }

        var written = await TryWriteAsync(context, batch);
        lock (Session.Gate)
        {
            _pollCarriesMessages = false;
            _poll = PollState.None;
            CheckQuiet();
        }

        if (written)
        {
            Session.Sent(batch.Span);
        }
        else
        {
            // The client may or may not have read them: only the end of the session is honest.
            Session.Discard(CloseReason.TransportError, PollCutOff);
        }
    }

    private static async ValueTask<bool> TryWriteAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch)
    {
        var length = batch.Length - 1;
        foreach (var packet in batch.Span)
        {
            length += PollingPayload.LengthOf(packet);
        }

        try
        {
            SetHeaders(context, "text/plain; charset=UTF-8", length);
            var output = context.Response.BodyWriter;
            PollingPayload.Write(batch.Span, output);
            await output.FlushAsync(context.RequestAborted);
            return !context.RequestAborted.IsCancellationRequested;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
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

    /// <summary>The client dropped the poll before anything was written to it.</summary>
    private void OnPollCutOff(ReadOnlySpan<EncodedPacket> batch)
    {
        bool forgiven;
        lock (Session.Gate)
        {
            _poll = PollState.None;
            _pollCarriesMessages = false;
            Session.PutBack(batch);
            forgiven = _retired || Session.ForgivePollLoss();
            CheckQuiet();
        }

        if (!forgiven)
        {
            Session.Discard(CloseReason.TransportError, PollCutOff);
        }
    }

    private enum BodyKind : byte
    {
        None,
        Aborted,
        Messages,
        Noop,
        Close,
        LastClose,
        NoopAndClose,
        Refusal,
    }

    private readonly record struct Body(BodyKind Kind, EncodedPacket[]? Batch = null, int Count = 0);
}
