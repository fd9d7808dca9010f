using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

/// <summary>A bare engine on a real web server on a port of its own, with the requests that a client makes. Unless a test says otherwise every message is echoed.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    public const string PollingQuery = "?EIO=4&transport=polling";
    public const string WebSocketQuery = "?EIO=4&transport=websocket";

    private readonly WebApplication _app;
    private readonly Channel<TestSession> _sessions = Channel.CreateUnbounded<TestSession>();

    /// <summary>A test need not hold on to its sockets: one that nobody refers to is closed by the collector.</summary>
    private readonly ConcurrentBag<ClientWebSocket> _sockets = [];

    private EngineHost(WebApplication app, StrictLog log)
    {
        _app = app;
        Log = log;
    }

    public EngineServer Server { get; private set; } = null!;

    public StrictLog Log { get; }

    public EngineIOEndpoint Endpoint => Server.Endpoint;

    /// <summary>Complaints that the test expects; others fail it.</summary>
    public int ExpectedComplaints { get; set; }

    /// <summary>What tells this host's instruments from those of tests that run beside it.</summary>
    public object? MeterScope => _app.Services.GetRequiredService<IMeterFactory>();

    public Uri Address { get; private set; } = null!;

    public HttpClient Http { get; private set; } = new();

    public static async Task<EngineHost> StartAsync(
        Action<EngineIOOptions>? configure = null,
        TimeProvider? time = null,
        Action<TestSession>? connected = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? middleware = null,
        Action<IEndpointConventionBuilder>? conventions = null,
        Action<KestrelServerOptions>? kestrel = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(options =>
        {
            kestrel?.Invoke(options);
            options.Listen(IPAddress.Loopback, 0);
        });
        var log = new StrictLog();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        builder.Services.AddMetrics();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        var host = new EngineHost(app, log);
        var options = new EngineIOOptions();
        configure?.Invoke(options);
        host.Server = new EngineServer(
            options,
            session =>
            {
                var handler = new TestSession(session);
                connected?.Invoke(handler);
                host._sessions.Writer.TryWrite(handler);
                return handler;
            },
            new EngineServices(time ?? TimeProvider.System, log, new EngineMeter(app.Services.GetRequiredService<IMeterFactory>().Create("Holdfast"))));
        middleware?.Invoke(app);
        var endpoint = EngineIOEndpointRouteBuilderExtensions.MapEngine(app, "/engine.io/", host.Server);
        conventions?.Invoke(endpoint);
        await app.StartAsync();
        host.Address = new Uri($"{app.Urls.Single()}/engine.io/");
        return host;
    }

    /// <summary>The server's side of the next session that was opened.</summary>
    public Task<TestSession> NextSessionAsync() => _sessions.Reader.ReadAsync().AsTask().Within();

    public async Task<(string Id, TestSession Session)> OpenPollingAsync()
    {
        var (_, body) = await GetAsync(PollingQuery);
        return (SessionIdOf(body), await NextSessionAsync());
    }

    public async Task<(int Status, string Body)> GetAsync(string query)
    {
        using var response = await Http.GetAsync(new Uri(Address, query)).Within();
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A request whose answer matters as a whole.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string query, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, query));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request).Within();
    }

    /// <summary>The next requests come on other connections than those before.</summary>
    public void UseNewConnections()
    {
        Http.Dispose();
        Http = new HttpClient();
    }

    /// <summary>All requests share one connection: without it, one that has not come back to the pool yet has the next request open another.</summary>
    public void UseOneConnection()
    {
        Http.Dispose();
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
    }

    public Task<(int Status, string Body)> PollAsync(string id) => GetAsync($"{PollingQuery}&sid={id}");

    public Task<(int Status, string Body)> PostAsync(string id, string body) => PostAsync(id, new StringContent(body));

    public async Task<(int Status, string Body)> PostAsync(string id, HttpContent body)
    {
        using var response = await Http.PostAsync(new Uri(Address, $"{PollingQuery}&sid={id}"), body).Within();
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A poll that is known to be waiting on the server.</summary>
    public async Task<Task<(int Status, string Body)>> ParkPollAsync(string id, TestSession session)
    {
        var poll = PollAsync(id);
        await Waiting.Until(() => session.Session.Transport.IsWritable || poll.IsCompleted);
        return poll;
    }

    public async Task<ClientWebSocket> ConnectAsync(string query, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri(new UriBuilder(Address) { Scheme = Address.Scheme == "https" ? "wss" : "ws" }.Uri, query), CancellationToken.None).Within();
        return socket;
    }

    /// <summary>A session on a direct WebSocket, its open packet read.</summary>
    public async Task<(ClientWebSocket Socket, TestSession Session)> OpenWebSocketAsync()
    {
        var socket = await ConnectAsync(WebSocketQuery);
        Assert.StartsWith("0{", await socket.ReadTextAsync(), StringComparison.Ordinal);
        return (socket, await NextSessionAsync());
    }

    public Task<RawConnection> OpenRawAsync() => RawConnection.OpenAsync(Address);

    public static string SessionIdOf(string openPacket) => JsonDocument.Parse(openPacket[1..]).RootElement.GetProperty("sid").GetString()!;

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.StopAsync();
        await _app.DisposeAsync();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        Server.Dispose();
        Assert.True(Log.Complaints.Count == ExpectedComplaints, string.Join(Environment.NewLine, Log.Complaints));
    }
}

/// <summary>The server's side of one session.</summary>
internal sealed class TestSession(EngineSession session) : SessionHandler
{
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;

    public EngineSession Session { get; } = session;

    /// <summary>What is done with a message; null echoes it.</summary>
    public Func<string, ValueTask>? Received { get; set; }

    /// <summary>What is done inside <see cref="OnClosed"/>.</summary>
    public Action? Closing { get; set; }

    public int Pings { get; private set; }

    public int Pongs { get; private set; }

    public int CloseCalls { get; private set; }

    /// <summary>Reason and description, <c>reason: description</c>.</summary>
    public Task<string> Closed => _closed.Task.Within();

    public bool IsClosed => _closed.Task.IsCompleted;

    public override ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary)
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        try
        {
            if (Received is { } received)
            {
                return received(isBinary ? Convert.ToHexString(message.Span) : Encoding.UTF8.GetString(message.Span));
            }

            Session.TrySend(isBinary ? Packets.Binary(message.ToArray()) : Packets.Text(Encoding.UTF8.GetString(message.Span)));
            return ValueTask.CompletedTask;
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public override void OnClosed(CloseReason reason, string? description)
    {
        Assert.Equal(0, Volatile.Read(ref _inside));
        Assert.False(Session.Gate.IsHeldByCurrentThread);
        CloseCalls++;
        Closing?.Invoke();
        _closed.TrySetResult(description is null ? reason.ToString() : $"{reason}: {description}");
    }

    public override void OnPingSent(long mark, bool isLast) => Pings++;

    public override void OnPong() => Pongs++;
}

internal static class Packets
{
    public static EncodedPacket Text(string text) => new(Encoding.UTF8.GetBytes("4" + text));

    public static EncodedPacket Binary(params byte[] data) => new(default, [data]);

    public static EncodedPacket Sized(int bytes) => Text(new string('x', bytes - 1));
}

internal static class ClientWebSocketReading
{
    public static Task SendTextAsync(this WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None).Within();

    /// <summary>The next message: text as it is, binary as hex behind <c>b:</c>, a close as <c>close CODE</c>, a cut as <c>cut</c>.</summary>
    public static async Task<string> ReadTextAsync(this WebSocket socket)
    {
        var buffer = new MemoryStream();
        var part = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(part.AsMemory(), CancellationToken.None).Within();
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return $"close {(int?)socket.CloseStatus}";
                }

                buffer.Write(part, 0, received.Count);
                if (received.EndOfMessage)
                {
                    return received.MessageType == WebSocketMessageType.Text
                        ? Encoding.UTF8.GetString(buffer.ToArray())
                        : "b:" + Convert.ToHexString(buffer.ToArray());
                }
            }
        }
        catch (WebSocketException)
        {
            return "cut";
        }
    }
}
