using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

public class EndpointTests
{
    [Fact]
    public async Task An_application_mounts_the_bare_engine_with_one_line()
    {
        var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapEngineIO("/engine.io", options => options.PingInterval = TimeSpan.FromSeconds(5), engine => engine.OnConnection(socket =>
        {
            Assert.Equal("websocket", socket.TransportName);
            Assert.Equal(20, socket.Id.Length);
            socket.OnMessage(async message =>
            {
                await socket.SendAsync(message);
                await socket.SendAsync(message.IsBinary ? "binary" : $"text {message.Text}");
                if (message.Text == "bye")
                {
                    socket.Close();
                    Assert.False(socket.IsOpen);
                }
            });
            socket.OnClose((reason, _) => closed.SetResult(reason.ToString()));
        }));
        await app.StartAsync();
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(app.Urls.Single().Replace("http", "ws") + "/engine.io/" + EngineHost.WebSocketQuery), CancellationToken.None).Within();
        Assert.Contains("\"pingInterval\":5000,", await client.ReadTextAsync(), StringComparison.Ordinal);

        await client.SendTextAsync("4a");
        Assert.Equal("4a", await client.ReadTextAsync());
        Assert.Equal("4text a", await client.ReadTextAsync());
        await client.SendAsync(new byte[] { 7 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal("b:07", await client.ReadTextAsync());
        Assert.Equal("4binary", await client.ReadTextAsync());
        await client.SendTextAsync("4bye");
        Assert.Equal("4bye", await client.ReadTextAsync());
        Assert.Equal("4text bye", await client.ReadTextAsync());
        Assert.Equal("close 1000", await client.ReadTextAsync());
        Assert.Equal("forced close", await closed.Task.Within());
    }

    [Fact]
    public async Task Stopping_the_host_ends_waiting_polls_at_once()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        var reached = new TaskCompletionSource();
        app.Use((context, next) =>
        {
            if (context.Request.Query.ContainsKey("sid"))
            {
                reached.TrySetResult();
            }

            return next(context);
        });
        app.MapEngineIO("/engine.io", engine => engine.OnConnection(_ => { }));
        await app.StartAsync();
        using var http = new HttpClient();
        var address = app.Urls.Single() + "/engine.io/" + EngineHost.PollingQuery;
        var id = EngineHost.SessionIdOf(await http.GetStringAsync(address));
        var poll = http.GetStringAsync($"{address}&sid={id}");
        await reached.Task.Within();

        await app.StopAsync().Within();

        // The poll either waited and was ended, or came when the session was gone.
        await Assert.IsType<Task<string>>(poll, exactMatch: false).ContinueWith(_ => { }, TaskScheduler.Default).Within();
    }

    [Fact]
    public async Task A_send_waits_for_room_and_can_be_cancelled()
    {
        EngineSocket? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapEngineIO("/engine.io", options => options.OutboxLimit = 10, engine => engine.OnConnection(socket => server = socket));
        await app.StartAsync();
        using var http = new HttpClient();
        var address = app.Urls.Single() + "/engine.io/" + EngineHost.PollingQuery;
        var id = EngineHost.SessionIdOf(await http.GetStringAsync(address));
        await server!.SendAsync("0123456789").Within();

        using var cancel = new CancellationTokenSource();
        var cancelled = server.SendAsync("never", cancel.Token);
        var waiting = server.SendAsync("later");
        Assert.False(waiting.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Within());

        Assert.Equal("40123456789", await http.GetStringAsync($"{address}&sid={id}"));
        await waiting.Within();
        Assert.Equal("4later", await http.GetStringAsync($"{address}&sid={id}"));
    }

    [Fact]
    public async Task A_callback_that_throws_ends_its_session_and_is_logged_as_an_error()
    {
        await using var app = await StartAsync(engine => engine.OnConnection(socket =>
        {
            if (socket.Handshake.Query.ContainsKey("refuse"))
            {
                throw new InvalidOperationException("no");
            }

            socket.OnMessage(_ => throw new InvalidOperationException("oops"));
        }));
        using var http = new HttpClient();
        var address = app.Urls.Single() + "/engine.io/" + EngineHost.PollingQuery;

        Assert.Equal(500, (int)(await http.GetAsync(address + "&refuse=1")).StatusCode);
        var id = EngineHost.SessionIdOf(await http.GetStringAsync(address));
        await http.PostAsync($"{address}&sid={id}", new StringContent("4a"));
        Assert.Equal(400, (int)(await http.GetAsync($"{address}&sid={id}")).StatusCode);

        Assert.Equal(2, app.Services.GetServices<ILoggerProvider>().OfType<StrictLog>().Single().Complaints.Count);
    }

    [Fact]
    public async Task Sessions_and_refusals_are_measured()
    {
        var measured = new ConcurrentDictionary<string, long>();
        await using var host = await EngineHost.StartAsync();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Holdfast" && instrument.Meter.Scope == host.MeterScope)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            measured.AddOrUpdate($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}".Trim(), value, (_, old) => old + value));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
            measured.AddOrUpdate($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}", 1, (_, old) => old + 1));
        listener.Start();

        var (id, session) = await host.OpenPollingAsync();
        await host.PostAsync(id, "4abc");
        await host.PollAsync(id);
        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        await host.PostAsync(id, "1");
        await host.PollAsync(id);

        Assert.Equal(0, measured["holdfast.engine.active_sessions polling"]);
        Assert.Equal(1, measured["holdfast.engine.sessions polling"]);
        Assert.Equal(1, measured["holdfast.engine.session.duration polling transport close"]);
        Assert.Equal(1, measured["holdfast.engine.refused_requests 1"]);
        Assert.Equal(1, measured["holdfast.engine.packets receive"]);
        Assert.Equal(3, measured["holdfast.engine.io receive"]);
        Assert.True(measured["holdfast.engine.io transmit"] > 4);
    }

    private static async Task<WebApplication> StartAsync(Action<EngineIOEndpoint> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(new StrictLog());
        var app = builder.Build();
        app.MapEngineIO("/engine.io", configure);
        await app.StartAsync();
        return app;
    }
}
