using System.Collections.Concurrent;
using System.Net.WebSockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>A Socket.IO server on a free port of the loopback, with a clock that only the test moves. A warning in its log fails the test.</summary>
internal sealed class SocketHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StrictLog _log;

    /// <summary>A test need not hold on to its clients: a socket that nobody refers to is closed by the collector.</summary>
    private readonly ConcurrentBag<ClientWebSocket> _sockets = [];

    private SocketHost(WebApplication app, StrictLog log, FakeTime time)
    {
        _app = app;
        _log = log;
        Time = time;
        Io = app.Services.GetRequiredService<SocketIOServer>();
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public SocketIOServer Io { get; }

    public FakeTime Time { get; }

    public string Address { get; }

    /// <summary>Complaints that the test expects; whatever else is logged at Warning or above fails it.</summary>
    public int ExpectedComplaints { get; set; }

    /// <summary>What has been logged at Warning or above.</summary>
    public IReadOnlyCollection<string> Complaints => _log.Complaints;

    /// <param name="configure">The application.</param>
    /// <param name="options">Its options.</param>
    /// <param name="middleware">What stands before the server.</param>
    /// <param name="services">What else is registered.</param>
    /// <param name="realTime">The clock runs: for what waits for a moment that a test can't foresee.</param>
    public static async Task<SocketHost> StartAsync(
        Action<SocketIOServer> configure, Action<SocketIOOptions>? options = null, Action<WebApplication>? middleware = null, bool realTime = false, Action<IServiceCollection>? services = null)
    {
        var time = new FakeTime();
        var log = new StrictLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(realTime ? TimeProvider.System : time);
        builder.Services.AddScoped<Scoped>();
        services?.Invoke(builder.Services);
        builder.Services.AddSocketIO(options);
        var app = builder.Build();
        middleware?.Invoke(app);
        app.MapSocketIO(configure);
        await app.StartAsync();
        return new SocketHost(app, log, time);
    }

    /// <summary>A WebSocket that has read its handshake.</summary>
    /// <param name="query">More of it: <c>&amp;key=value</c>.</param>
    public async Task<Peer> OpenAsync(string query = "")
    {
        var peer = await DialAsync("?EIO=4&transport=websocket" + query);
        Assert.StartsWith("0{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        return peer;
    }

    /// <summary>A WebSocket that has read nothing yet.</summary>
    public async Task<Peer> DialAsync(string query, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
            socket.Options.SetRequestHeader(name, value);
        _sockets.Add(socket);
        await socket.ConnectAsync(new Uri(Address.Replace("http", "ws", StringComparison.Ordinal) + "/socket.io/" + query), default).Within();
        return new Peer(socket);
    }

    /// <summary>A WebSocket that has joined a namespace and read the answer.</summary>
    public async Task<Peer> ConnectAsync(string connect = "40")
    {
        var peer = await OpenAsync();
        await peer.SendAsync(connect);
        var answer = await peer.ReadAsync();
        Assert.Matches("^40(/[a-z]+,)?{\"sid\":\"[A-Za-z0-9_-]{20}\"}$", answer);
        peer.Id = answer.Split('"')[3];
        return peer;
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var socket in _sockets)
            socket.Dispose();
        Assert.True(_log.Complaints.Count == ExpectedComplaints, string.Join('\n', _log.Complaints));
    }
}

/// <summary>A service of one event's scope.</summary>
internal sealed class Scoped : IDisposable
{
    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}
