using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Engine;

/// <summary>A request becomes a WebSocket: with frames of our own where the connection is Kestrel's and nobody else has a say in it, else the platform's.</summary>
internal sealed partial class EngineServer
{
    private async ValueTask<WebSocketChannel?> TryAcceptAsync(HttpContext context, EngineSession session, bool isInitial)
    {
        Endpoint.OnAnswer(context, isInitial);
        try
        {
            return await AcceptAsync(context);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or OperationCanceledException)
        {
            // The connection has gone, or the HTTP server has as many upgraded connections as it is allowed.
            Logger.WebSocketNotAccepted(exception);
            if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                // The answer has been prepared as the one that opens a WebSocket.
                foreach (var header in (string[])[HeaderNames.Upgrade, HeaderNames.Connection, HeaderNames.SecWebSocketAccept, HeaderNames.SecWebSocketExtensions])
                {
                    context.Response.Headers.Remove(header);
                }

                await RefuseAsync(context, Refusal.NotAccepted, session, exception);
            }

            return null;
        }
    }

    private async ValueTask<WebSocketChannel> AcceptAsync(HttpContext context)
    {
        if (ConnectionFor(context) is not { } connection)
        {
            return new PlatformChannel(await context.WebSockets.AcceptWebSocketAsync(AcceptContext()), Options.MaxHttpBufferSize);
        }

        // The request has been found to be a WebSocket's, with a key.
        var headers = context.Response.Headers;
        headers.Connection = HeaderNames.Upgrade;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptKey(context.Request.Headers.SecWebSocketKey.ToString());
        await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        return new FrameChannel(context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>(), connection, Options.MaxHttpBufferSize);
    }

    /// <summary>
    /// The connection below, if the request would upgrade it to a WebSocket and it would carry nothing but our frames. A middleware may have put its own WebSockets in the place of the
    /// platform's, or its own stream in the place of the connection: these are used then.
    /// </summary>
    private IDuplexPipe? ConnectionFor(HttpContext context)
    {
        var isOurs = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade
            && upgrade.GetType().Assembly == typeof(KestrelServer).Assembly
            && (context.Features.Get<IHttpWebSocketFeature>() is not { } feature || feature.GetType().Assembly == typeof(WebSocketMiddleware).Assembly)
            && !(Options.PerMessageDeflate is not null && context.Request.Headers.SecWebSocketExtensions.Count > 0);
        return isOurs && IsHandshake(context.Request) ? context.Features.Get<IConnectionTransportFeature>()?.Transport : null;
    }

    /// <summary>Whether the platform's middleware for WebSockets has to see the request: it costs every connection some memory.</summary>
    internal bool NeedsPlatform(HttpContext context) => ConnectionFor(context) is null;

    internal bool IsWebSocket(HttpContext context) => ConnectionFor(context) is not null || context.WebSockets.IsWebSocketRequest;

    /// <summary>RFC 6455, section 4.2.1. That the connection is to be upgraded the server has seen.</summary>
    private static bool IsHandshake(HttpRequest request)
    {
        var headers = request.Headers;
        Span<byte> nonce = stackalloc byte[18];
        return HttpMethods.IsGet(request.Method)
            && string.Equals(headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase)
            && headers.SecWebSocketVersion.ToString() == "13"
            && headers.SecWebSocketKey.ToString() is { Length: 24 } key && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    /// <summary>RFC 6455, section 4.2.2: the proof that the server has understood. It protects nothing.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The protocol names the algorithm.")]
    private static string AcceptKey(string key)
    {
        Span<byte> text = stackalloc byte[60];
        var length = Encoding.ASCII.GetBytes(key, text);
        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8.CopyTo(text[length..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(text[..(length + 36)], hash);
        return Convert.ToBase64String(hash);
    }

    // No keep-alive frames below the heartbeat: they would cost a timer per connection.
    private WebSocketAcceptContext AcceptContext() => Options.PerMessageDeflate is not { } deflate
        ? new() { KeepAliveInterval = TimeSpan.Zero }
        : new()
        {
            KeepAliveInterval = TimeSpan.Zero,
            DangerousEnableCompression = true,
            ServerMaxWindowBits = deflate.ServerMaxWindowBits,
            DisableServerContextTakeover = !deflate.ServerContextTakeover,
        };
}
