using System.Net.WebSockets;
using System.Text;
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

    public static async Task<SocketHost> StartAsync(Action<SocketIOServer> configure, Action<SocketIOOptions>? options = null)
    {
        var time = new FakeTime();
        var log = new StrictLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddScoped<Scoped>();
        builder.Services.AddSocketIO(options);
        var app = builder.Build();
        app.MapSocketIO(configure);
        await app.StartAsync();
        return new SocketHost(app, log, time);
    }

    /// <summary>A WebSocket that has read its handshake.</summary>
    public async Task<Peer> OpenAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(Address.Replace("http", "ws", StringComparison.Ordinal) + "/socket.io/?EIO=4&transport=websocket"), default).Within();
        var peer = new Peer(socket);
        Assert.StartsWith("0{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        return peer;
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

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Assert.True(_log.Complaints.Count == ExpectedComplaints, string.Join('\n', _log.Complaints));
    }
}

/// <summary>A service of one event's scope.</summary>
internal sealed class Scoped : IDisposable
{
    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}

/// <summary>A client by hand: what goes over the wire, frame by frame.</summary>
internal sealed class Peer(ClientWebSocket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[2_000_000];

    public string Id { get; set; } = "";

    /// <summary>The ack to an event, with its id.</summary>
    public static string Answer(string question, string value) => $"43{question[2..question.IndexOf('[', StringComparison.Ordinal)]}[{value}]";

    public Task SendAsync(string frame) => socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, default).Within();

    /// <summary>The next frame; <c>closed</c> at the end; a binary one in hexadecimal.</summary>
    public async Task<string> ReadAsync()
    {
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(_buffer.AsMemory(length), default).Within();
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                    return "closed";
                if (part.EndOfMessage)
                    return part.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(_buffer, 0, length) : Convert.ToHexString(_buffer, 0, length);
            }
        }
        catch (WebSocketException)
        {
            return "closed";
        }
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Dispose() => socket.Abort();
}
