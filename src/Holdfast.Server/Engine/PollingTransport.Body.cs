using System.Buffers;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>What a poll says: decided under the gate, written outside it.</summary>
internal sealed partial class PollingTransport
{
    /// <summary>What one body carries at most, unless one packet alone is larger; the rest waits for the next poll.</summary>
    private const int MaxBodyBytes = 1_000_000;
    private const int MaxBodyPackets = 1024;

    private static readonly EncodedPacket[] CloseBody = [ControlPackets.Close];
    private static readonly EncodedPacket[] NoopBody = [ControlPackets.Noop];
    private static readonly EncodedPacket[] NoopAndCloseBody = [ControlPackets.Noop, ControlPackets.Close];

    private enum BodyKind : byte
    {
        None,

        /// <summary>The client dropped the poll: during an upgrade that is forgiven, else it is the session's end.</summary>
        Forgiven,
        CutOff,
        Refused,
        Messages,
        Noop,

        /// <summary>The session is over.</summary>
        Close,

        /// <summary>The session closes, and this poll completes it: one that waited, or one that came after.</summary>
        LastClose,
        LastNoopAndClose,
    }

    /// <summary>Under the gate: decides what the poll says, and takes it. False: nothing yet.</summary>
    private bool TryTakeBody(bool arrives, out Body body)
    {
        var kind = Decide(arrives);
        body = new(kind);
        switch (kind)
        {
            case BodyKind.None:
                return false;

            case BodyKind.Forgiven or BodyKind.CutOff:
                EndPoll();
                break;

            case BodyKind.Messages:
                var most = Math.Min(Session.QueuedCount, MaxBodyPackets);
                var batch = ArrayPool<EncodedPacket>.Shared.Rent(most);
                body = new(kind, batch, Session.TakeBatch(batch.AsSpan(0, most), MaxBodyBytes));
                _poll = PollState.Writing;
                break;

            // Nothing depends on when the other bodies are written: the poll is done.
            default:
                _poll = PollState.None;
                break;
        }

        _awaitsUpgrade = false;
        return true;
    }

    private BodyKind Decide(bool arrives)
    {
        if (_pollAborted)
        {
            return IsPollLossForgiven() ? BodyKind.Forgiven : BodyKind.CutOff;
        }

        if (Session.State == SessionState.Closed)
        {
            return _endWithNoop ? BodyKind.Noop : BodyKind.Close;
        }

        if (_retired)
        {
            return _awaitsUpgrade ? BodyKind.Refused : BodyKind.Noop;
        }

        if (_held)
        {
            return BodyKind.None;
        }

        if (Session.QueuedCount > 0)
        {
            return BodyKind.Messages;
        }

        if (Session.State == SessionState.Closing)
        {
            return arrives ? BodyKind.LastNoopAndClose : BodyKind.LastClose;
        }

        return Session.IsProbed && !_awaitsUpgrade ? BodyKind.Noop : BodyKind.None;
    }

    private async Task WriteBodyAsync(HttpContext context, Body body)
    {
        switch (body.Kind)
        {
            case BodyKind.Forgiven:
                break;

            case BodyKind.CutOff:
                Session.Discard(CloseReason.TransportError, PollCutOff);
                break;

            case BodyKind.Refused:
                await RefuseAsync(context, Refusal.TransportMismatch);
                break;

            case BodyKind.Messages:
                await WriteMessagesAsync(context, body.Batch.AsMemory(0, body.Count));
                ArrayPool<EncodedPacket>.Shared.Return(body.Batch!, clearArray: true);
                break;

            case BodyKind.LastClose or BodyKind.LastNoopAndClose:
                // Before it is written: a poll that the client sends after reading it finds no session.
                Session.FinishClosing(abort: false);
                await WriteControlAsync(context, body.Kind == BodyKind.LastClose ? CloseBody : NoopAndCloseBody);
                break;

            default:
                await WriteControlAsync(context, body.Kind == BodyKind.Noop ? NoopBody : CloseBody);
                break;
        }
    }

    /// <summary>What is no message is never compressed.</summary>
    private async Task WriteControlAsync(HttpContext context, EncodedPacket[] packets)
    {
        try
        {
            var answer = codec.Measure(packets);
            SetHeaders(context, answer.ContentType, answer.Length);
            var output = context.Response.BodyWriter;
            PollingCodec.Write(packets, answer, output);
            await output.FlushAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Nothing of worth is lost; a client that has gone is found by its next request or its missing pong.
        }
    }

    private async Task WriteMessagesAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            OnPollCutOff(batch.Span);
            return;
        }

        Session.Flushing(batch.Span);
        _writesTo = context;
        await WriteBatchAsync(context, batch);
        lock (Session.Gate)
        {
            _writesTo = null;
            _answeredPoll = _pollMark;
            EndPoll();
        }

        Session.Sent(batch.Span);
    }

    /// <summary>
    /// Whether the client has read them, it alone knows: one that closes its connection behind the last byte looks from here like one that was cut off before, because the end of a connection
    /// can be heard before the end of a write. The first polls again; the second has been told by its own end, and is found here by its missing pong, or when it comes back.
    /// </summary>
    private async ValueTask WriteBatchAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch)
    {
        try
        {
            var answer = codec.Measure(batch.Span);
            if (EncodingFor(context, batch.Span, answer.Length) is { } encoding)
            {
                await WriteCompressedAsync(context, batch, answer, encoding);
                return;
            }

            SetHeaders(context, answer.ContentType, answer.Length);
            var output = context.Response.BodyWriter;
            PollingCodec.Write(batch.Span, answer, output);
            await output.FlushAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // See above.
        }
    }

    private readonly record struct Body(BodyKind Kind, EncodedPacket[]? Batch = null, int Count = 0);
}
