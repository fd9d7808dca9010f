using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Engine;

/// <summary>The POST: in from the client. It is answered when all of its packets are handled, and their answers leave together.</summary>
internal sealed partial class PollingTransport
{
    /// <summary>Two bytes make a packet; without this bound a body of a megabyte could be half a million messages.</summary>
    private const int MaxPacketsPerBody = 100_000;

    private static readonly byte[] Ok = "ok"u8.ToArray();

    public async Task HandlePostAsync(HttpContext context)
    {
        var mark = MarkOf(context);
        var isBytes = context.Request.ContentType?.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase) == true;
        var refusal = TryBeginPost(isBytes && !codec.ReadsBytes, mark, out var isRepeated);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        if (isRepeated)
        {
            await AnswerOkAsync(context);
            return;
        }

        var accepted = false;
        var tooLarge = false;
        try
        {
            var body = await ReadBodyAsync(context);
            tooLarge = body is null;
            accepted = body is not null && await HandleBodyAsync(body, isBytes);
        }
        catch (OperationCanceledException) when (_interrupted)
        {
            accepted = true;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or OperationCanceledException or IOException)
        {
            // Cut off, broken, or too slow for the HTTP server, whose reader is in no state to go on with this connection.
            Session.Discard(CloseReason.TransportError, PostCutOff);
            await DropConnectionAsync(context);
            return;
        }
        finally
        {
            EndPost(accepted ? mark : null);
        }

        if (tooLarge)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        }
        else if (!accepted)
        {
            await RefuseAsync(context, Refusal.InvalidPacket);
        }
        else
        {
            await AnswerOkAsync(context);
        }
    }

    private async Task AnswerOkAsync(HttpContext context)
    {
        SetHeaders(context, "text/html", Ok.Length);
        await context.Response.Body.WriteAsync(Ok, CancellationToken.None);
    }

    private static async ValueTask DropConnectionAsync(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // Starting an answer that says so is the one way to keep the HTTP server from waiting for a next request on it.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.Headers.Connection = "close";
            await context.Response.StartAsync(CancellationToken.None);
        }

        context.Abort();
    }

    private Refusal? TryBeginPost(bool isUnreadable, RequestMark? mark, out bool isRepeated)
    {
        isRepeated = false;
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

            if (!isUnreadable && !_posting)
            {
                isRepeated = mark?.RepeatsPost(_handledPost) == true;
                _posting = !isRepeated;
                return null;
            }
        }

        Session.Discard(CloseReason.TransportError, isUnreadable ? "binary body" : "overlap from client", peerLives: true);
        return isUnreadable ? Refusal.BinaryBody : Refusal.Overlap;
    }

    private void EndPost(RequestMark? handled)
    {
        lock (Session.Gate)
        {
            _posting = false;
            _handledPost = handled;
            if (_held)
            {
                _held = false;
                Wake();
            }

            CheckQuiet();
        }
    }

    /// <summary>The body in an array of its own, or null if it is larger than allowed. No more than that is ever buffered, with or without a length given.</summary>
    private async ValueTask<byte[]?> ReadBodyAsync(HttpContext context)
    {
        var limit = Session.Server.Options.MaxHttpBufferSize;
        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        // The HTTP server's general bound may be lower; a higher one stays, for the rest of a body that is too large: it is read past, so that the client sees the 413.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature && feature.MaxRequestBodySize < limit)
        {
            feature.MaxRequestBodySize = limit;
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await ReadPartAsync(reader, context);
            var buffer = result.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = new byte[buffer.Length];
                var target = body.AsSpan();
                foreach (var part in buffer)
                {
                    part.Span.CopyTo(target);
                    target = target[part.Length..];
                }

                reader.AdvanceTo(buffer.End);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>False if the body is not what a client may send; the session has ended then.</summary>
    private async ValueTask<bool> HandleBodyAsync(byte[] body, bool isBytes)
    {
        lock (Session.Gate)
        {
            _held = Session.State == SessionState.Open;
        }

        try
        {
            var reader = codec.Read(body, isBytes, MaxPacketsPerBody);
            while (reader.TryRead(out var packet))
            {
                if (packet.Type == EnginePacketType.Close)
                {
                    await WaitForLastPollAsync();
                }

                if (!await Session.ReceiveAsync(packet, this))
                {
                    // A heartbeat in the wrong direction is a fault; the client's close, and a close of ours, are not.
                    return packet.Type is not (EnginePacketType.Ping or EnginePacketType.Pong);
                }
            }

            return true;
        }
        catch (ProtocolException exception)
        {
            Session.Discard(CloseReason.ParseError, exception.Message, peerLives: true);
            return false;
        }
    }

    /// <summary>
    /// A client closes with a POST while its poll waits. It may send the two at the same moment on two connections; when the POST overtakes the poll, the poll
    /// is given a moment to arrive, so that it is answered and not refused.
    /// </summary>
    private Task WaitForLastPollAsync()
    {
        lock (Session.Gate)
        {
            if (_poll != PollState.None || Session.State != SessionState.Open || _retired)
            {
                return Task.CompletedTask;
            }

            _lastPoll = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Session.Server.GraceLane.Start(this);
            return _lastPoll.Task;
        }
    }
}
