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

    [Fact]
    public async Task A_write_that_meets_the_answer_to_a_broken_frame_does_not_pass_for_a_lost_connection()
    {
        var broken = new BrokenWebSocket();
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            context.Features.Set<IHttpWebSocketFeature>(broken);
            return next(context);
        }));
        var request = host.GetAsync(EngineHost.WebSocketQuery);
        var session = await host.NextSessionAsync();
        await broken.Written.Task.Within();

        // The WebSocket has met a broken frame and answered it; what is being written learns of that before the reader does.
        broken.Fail();

        Assert.Equal("transport error: invalid WebSocket frame", await session.Closed);
        await request.Within();
        Assert.False(broken.WasAborted); // that could take the answer away
        Assert.Equal(0, host.Server.SessionCount);
    }

    /// <summary>One that has its first write and its first read pending, and fails both in this order.</summary>
    private sealed class BrokenWebSocket : WebSocket, IHttpWebSocketFeature
    {
        // Without RunContinuationsAsynchronously: Fail goes on when the writer is through with its exception.
        private readonly TaskCompletionSource _sending = new();
        private readonly TaskCompletionSource<ValueWebSocketReceiveResult> _receiving = new();
        private WebSocketState _state = WebSocketState.Open;

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasAborted { get; private set; }

        public bool IsWebSocketRequest => true;

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override string? SubProtocol => null;

        public override WebSocketState State => _state;

        public Task<WebSocket> AcceptAsync(WebSocketAcceptContext accept) => Task.FromResult<WebSocket>(this);

        public void Fail()
        {
            _state = WebSocketState.Aborted; // as the platform's has it, whose connection is still there
            _sending.SetException(new WebSocketException(WebSocketError.InvalidState));
            _receiving.SetException(new WebSocketException(WebSocketError.Faulted));
        }

        public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            Written.TrySetResult();
            return new ValueTask(_sending.Task);
        }

        public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => new(_receiving.Task);

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            throw new WebSocketException(WebSocketError.InvalidState);

        public override void Abort() => WasAborted = true;

        public override void Dispose()
        {
        }
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
