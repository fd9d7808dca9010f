using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Holdfast.Engine;

/// <summary>
/// Every request of the endpoint comes through here. The checks, and their order, are those that clients of the protocol know:
///
///     transport known? -> Origin header sane? -> with sid: known, same transport (unless it is the upgrade), same protocol revision, same user
///                                              -> without: GET, a WebSocket if it says so, the application agrees, a revision that is allowed, JSONP if that is
/// and for a WebSocket last: may this page's origin open one?
/// </summary>
internal sealed partial class EngineServer
{
    public Task HandleAsync(HttpContext context)
    {
        // A poll waits as long as the heartbeat lets it, whatever limit the application set for its requests.
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var isWebSocket = IsWebSocket(context);
        var refusal = Check(context, isWebSocket, out var session);
        if (refusal is null && session is null && Options.AllowRequest is { } allowRequest)
        {
            return AskAndAnswerAsync(context, allowRequest, isWebSocket);
        }

        if (refusal is null && session is null)
        {
            refusal = CheckRevision(context.Request.QueryString, isWebSocket);
        }

        return CheckOriginAndAnswerAsync(context, refusal, session, isWebSocket);
    }

    private async Task AskAndAnswerAsync(HttpContext context, Func<HttpContext, Task<bool>> allowRequest, bool isWebSocket)
    {
        var refusal = await AskApplicationAsync(context, allowRequest) ?? CheckRevision(context.Request.QueryString, isWebSocket);
        await CheckOriginAndAnswerAsync(context, refusal, session: null, isWebSocket);
    }

    // What waits for a WebSocket's end keeps its memory as long: where nothing has to be awaited before, nothing stays behind of this method.
    private Task CheckOriginAndAnswerAsync(HttpContext context, Refusal? refusal, EngineSession? session, bool isWebSocket)
    {
        if (refusal is not null || !isWebSocket)
        {
            return AnswerAsync(context, refusal, session, isWebSocket);
        }

        var allows = _origins.AllowsAsync(context);
        return allows.IsCompletedSuccessfully ? AnswerAsync(context, OriginRefusal(allows.Result), session, isWebSocket) : WaitAndAnswerAsync(allows, context, session);
    }

    // Not inside of the method that calls it: what it would capture there is made for every request, polls included.
    private async Task WaitAndAnswerAsync(ValueTask<bool> allows, HttpContext context, EngineSession? session) =>
        await AnswerAsync(context, OriginRefusal(await allows), session, isWebSocket: true);

    private static Refusal? OriginRefusal(bool allows) => allows ? null : Refusal.OriginNotAllowed;

    private Task AnswerAsync(HttpContext context, Refusal? refusal, EngineSession? session, bool isWebSocket)
    {
        if (refusal is not null)
        {
            return RefuseAsync(context, refusal, session);
        }

        if (session is not null)
        {
            return isWebSocket ? UpgradeAsync(context, session) : PassOnAsync(context, session);
        }

        if (_stopping)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        return isWebSocket ? OpenWebSocketAsync(context) : OpenPollingAsync(context);
    }

    private Refusal? Check(HttpContext context, bool isWebSocket, out EngineSession? session)
    {
        session = null;
        var query = context.Request.QueryString;
        var transport = RequestQuery.Find(query, "transport") ?? "";
        var isKnown = transport switch
        {
            Transport.Polling => Options.Transports.HasFlag(EngineTransports.Polling),
            Transport.WebSocket => Options.Transports.HasFlag(EngineTransports.WebSocket),
            _ => false,
        };
        if (!isKnown)
        {
            return Refusal.TransportUnknown;
        }

        if (!OriginCheck.IsWellFormed(context.Request.Headers.Origin.ToString()))
        {
            return Refusal.InvalidOrigin;
        }

        if (RequestQuery.Find(query, "sid") is { } id)
        {
            return CheckSession(context, id, transport, isWebSocket, out session);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !(isWebSocket && HttpMethods.IsConnect(context.Request.Method)))
        {
            return Refusal.BadMethod;
        }

        if (isWebSocket != (transport == Transport.WebSocket))
        {
            return isWebSocket ? Refusal.TransportMismatch : Refusal.NoUpgrade;
        }

        return null;
    }

    private Refusal? CheckSession(HttpContext context, string id, string transport, bool isWebSocket, out EngineSession? session)
    {
        if (!_sessions.TryGetValue(id, out session))
        {
            if (_gaveWay.TryGetValue(id, out var past))
            {
                past.Session.OnPeerAnswered();
            }

            return Refusal.SessionUnknown;
        }

        // Only a WebSocket may differ from the session's transport: it wants to become it.
        if (isWebSocket != (transport == Transport.WebSocket) || (!isWebSocket && session.TransportName != transport))
        {
            return Refusal.TransportMismatch;
        }

        if (RevisionOf(context.Request.QueryString) != session.Protocol)
        {
            return Refusal.ProtocolMismatch;
        }

        return IsSameUser(session.Handshake.KnownUser, context) ? null : Refusal.OtherUser;
    }

    /// <summary>A session id that leaked is of no use to another user. Sessions of anonymous users stay open to whoever knows their id.</summary>
    private static bool IsSameUser(ClaimsPrincipal? owner, HttpContext context)
    {
        if (owner?.Identity?.IsAuthenticated != true)
        {
            return true;
        }

        var user = context.User;
        return user.Identity?.IsAuthenticated == true && string.Equals(NameOf(owner), NameOf(user), StringComparison.Ordinal);

        static string? NameOf(ClaimsPrincipal principal) => principal.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? principal.Identity!.Name;
    }

    private async Task OpenPollingAsync(HttpContext context)
    {
        var session = await AdmitAsync(context, static session => new PollingTransport(session, CodecFor(session)));
        if (session is null)
        {
            return;
        }

        if (TryOpen(session))
        {
            await ((PollingTransport)session.Transport).HandlePollAsync(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private Task OpenWebSocketAsync(HttpContext context)
    {
        // As a rule nothing has to be awaited before the reading, see above.
        var connecting = ConnectAsync(context);
        return connecting.IsCompletedSuccessfully ? RunAsync(connecting.Result) : WaitAsync(connecting);

        static async Task WaitAsync(ValueTask<(WebSocketTransport, WebSocketChannel)?> connecting) => await RunAsync(await connecting);

        static Task RunAsync((WebSocketTransport Transport, WebSocketChannel Channel)? connected) =>
            connected is var (transport, channel) ? transport.RunAsync(channel) : Task.CompletedTask;
    }

    /// <summary>A session, and the WebSocket that carries it. Null: one of the two can't be had, and the request has been answered.</summary>
    private async ValueTask<(WebSocketTransport Transport, WebSocketChannel Channel)?> ConnectAsync(HttpContext context)
    {
        // Before the WebSocket is accepted, because a request can be refused and a WebSocket no more.
        var session = await AdmitAsync(context, static session => new WebSocketTransport(session, isProbe: false, WantsBase64(session.Handshake.QueryString)));
        if (session is null)
        {
            return null;
        }

        var channel = await TryAcceptAsync(context, session, isInitial: true);
        if (channel is null)
        {
            session.Discard(CloseReason.TransportError, "the WebSocket could not be accepted");
            return null;
        }

        TryOpen(session);
        return ((WebSocketTransport)session.Transport, channel);
    }

    private async Task UpgradeAsync(HttpContext context, EngineSession session)
    {
        var probe = new WebSocketTransport(session, isProbe: true, WantsBase64(context.Request.QueryString));
        if (!MayUpgrade || !session.TryBeginUpgrade(probe))
        {
            await RefuseAsync(context, Refusal.UpgradeRefused, session);
            return;
        }

        var channel = await TryAcceptAsync(context, session, isInitial: false);
        if (channel is null)
        {
            session.OnProbeLost(probe);
            return;
        }

        await probe.RunAsync(channel);
    }

    private Task PassOnAsync(HttpContext context, EngineSession session)
    {
        // The upgrade may have replaced the transport since it was checked.
        if (session.Transport is not PollingTransport polling)
        {
            return RefuseAsync(context, Refusal.TransportMismatch, session);
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            return polling.HandlePollAsync(context);
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            return polling.HandlePostAsync(context);
        }

        // What the protocol's other servers answer to any other method of a known session.
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Task.CompletedTask;
    }
}
