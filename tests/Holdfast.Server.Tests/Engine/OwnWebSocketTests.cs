using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Server.Tests.Engine;

/// <summary>WebSockets come from the request's IHttpWebSocketFeature: whoever sets one brings an implementation of his own.</summary>
public class OwnWebSocketTests
{
    [Fact]
    public async Task Another_implementation_of_WebSockets_can_take_the_place_of_the_hosts()
    {
        var made = new List<OwnWebSockets>();
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            var own = new OwnWebSockets(context);
            made.Add(own);
            context.Features.Set<IHttpWebSocketFeature>(own);
            return next(context);
        }));

        var (direct, session) = await host.OpenWebSocketAsync();
        await direct.SendTextAsync("4a");
        Assert.Equal("4a", await direct.ReadTextAsync());
        var (id, moving) = await host.OpenPollingAsync();
        using var upgraded = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await upgraded.SendTextAsync("2probe");
        Assert.Equal("3probe", await upgraded.ReadTextAsync());
        await upgraded.SendTextAsync("5");
        await Waiting.Until(() => moving.Session.IsUpgraded);

        Assert.Equal([1, 0, 1], made.Select(own => own.Accepted));
        direct.Dispose();
        await session.Closed;
    }

    private sealed class OwnWebSockets(HttpContext context) : IHttpWebSocketFeature
    {
        public int Accepted { get; private set; }

        public bool IsWebSocketRequest => context.Request.Headers.Upgrade == "websocket";

        public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext accept)
        {
            Accepted++;
            var key = context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.Connection = "Upgrade";
#pragma warning disable CA5350 // The WebSocket handshake asks for SHA-1.
            context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350
            var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        }
    }
}
