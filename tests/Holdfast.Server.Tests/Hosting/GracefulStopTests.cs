using Holdfast.Recovery;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Recovery.Shared;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>A host that stops in order: its clients are recovered elsewhere, or by the next one, and nothing keeps it.</summary>
public sealed class GracefulStopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_rolling_restart_of_three_processes_loses_nothing()
    {
        const int Clients = 9;
        var hosts = new[] { await StartAsync(), await StartAsync(), await StartAsync() };
        var seats = new List<Seat>();
        for (var i = 0; i < Clients; i++)
        {
            var host = hosts[i % hosts.Length];
            var peer = await host.JoinAsync();
            await host.SocketOf(peer).JoinAsync("room");
            seats.Add(new Seat(host, peer));
        }

        var sent = 0;
        for (var old = 0; old < hosts.Length; old++)
        {
            var others = hosts.Where((_, i) => i != old).ToArray();
            await EmitAsync(others, 5);
            var stopping = hosts[old].StopAsync();
            await EmitAsync(others, 5);
            foreach (var seat in seats.Where(seat => seat.Host == hosts[old]))
            {
                while (await seat.TryReadAsync())
                {
                }
                await seat.Peer.AnswerCloseAsync();
            }
            await stopping.Within();
            await hosts[old].DisposeAsync();
            foreach (var (i, seat) in seats.Index().Where(place => place.Item.Host == hosts[old]).ToArray())
                await seat.ReturnAsync(others[i % others.Length]);
            await EmitAsync(others, 5);
            hosts[old] = await StartAsync();
        }
        await EmitAsync(hosts, 5);

        foreach (var seat in seats)
        {
            while (seat.Seen.Count < sent)
                Assert.True(await seat.TryReadAsync());
            Assert.Equal(Enumerable.Range(1, sent).Select(i => $"42[\"news\",{i}]"), seat.Seen);
            await seat.Peer.AssertNothingMoreAsync();
            seat.Peer.Dispose();
        }
        foreach (var host in hosts)
            await host.DisposeAsync();

        async Task EmitAsync(SocketHost[] from, int count)
        {
            for (var i = 0; i < count; i++)
                await from[i % from.Length].Io.To("room").EmitAsync("news", ++sent).Within();
        }
    }

    [Fact]
    public async Task A_clean_end_leaves_the_next_start_nothing_to_doubt()
    {
        var epochs = new List<string>();
        Peer? client = null;
        for (var i = 0; i < 3; i++)
        {
            await using var host = await StartAsync();
            client = client is null ? await host.JoinAsync() : await host.ReturnAsync(client);
            await host.Io.EmitAsync("news", i);
            Assert.Equal($"42[\"news\",{i}]", await client.ReadEventAsync());
            epochs.Add(client.Offset![..8]);
            await StopAsync(host, client);
        }
        Assert.Single(epochs.Distinct());
        client!.Dispose();
    }

    [Fact]
    public async Task What_handlers_and_services_emit_while_the_host_stops_reaches_those_who_come_back()
    {
        var first = await StartAsync(
            io => io.OnSessionParked((session, reason) => io.EmitAsync("parked", session.Id, reason.ToString())),
            services => services.AddSingleton<IHostedService, LastWords>());
        var client = await first.JoinAsync();
        await StopAsync(first, client);
        await first.DisposeAsync();

        await using var next = await StartAsync();
        using var back = await next.ReturnAsync(client);
        Assert.Equal(client.Pid, back.Pid);
        string[] said = [await back.ReadEventAsync(), await back.ReadEventAsync()];
        Assert.Equal(["42[\"last words\"]", $"42[\"parked\",\"{client.Id}\",\"server shutting down\"]"], said.Order(StringComparer.Ordinal));
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Clients_on_long_polling_get_the_close_alone_and_elsewhere_what_they_had_not_fetched()
    {
        using var http = new HttpClient();
        await using var other = await StartAsync();
        var host = await StartAsync();
        var waiting = await PollingPeer.JoinAsync(host, http);
        var busy = await PollingPeer.JoinAsync(host, http);
        await Waiting.Until(() => host.Io.Sockets.FindSocket(busy.Id) is { Connected: true });
        await other.Io.To(busy.Id).EmitAsync("missed", 1);
        await Waiting.Until(() => host.Store.Position == other.Store.Position);
        var poll = waiting.PollAsync();
        await Waiting.Until(() => host.Io.EngineServer.Sessions.Single(session => session.Id == waiting.EngineId).IsWritable);

        var stopping = host.StopAsync();
        Assert.Equal(["1"], await poll);
        await stopping.Within();
        await host.DisposeAsync();

        using var back = await other.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(busy.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal(busy.Pid, back.Pid);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task A_connection_ends_when_its_sessions_are_written_down_and_not_before()
    {
        var log = new HeldLog(new LoopbackLog().Join());
        await using var host = await RecoveryHost.StartAsync(services: services => services.AddSingleton<ISharedLog>(log));
        using var client = await host.JoinAsync();
        log.IsHeld = true;
        var closing = host.Io.CloseAsync();
        Assert.Empty(host.Io.Sockets.Sockets);
        Assert.Equal(1, host.Io.EngineServer.SessionCount);
        log.Release();
        Assert.Equal("closed", await client.ReadAsync());
        await closing.Within();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_hangs_does_not_hold_up_the_end(bool onlyAtTheEnd)
    {
        // The host's own time to stop is real time: the test ends it when it has come to the log.
        using var timeToStop = new CancellationTokenSource();
        var log = new HeldLog(new LoopbackLog().Join()) { IsEndHeld = true };
        await using var host = await RecoveryHost.StartAsync(services: services => services.AddSingleton<ISharedLog>(log).Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan));
        using var client = await host.JoinAsync();
        log.IsHeld = !onlyAtTheEnd;

        var stopping = host.StopAsync(timeToStop.Token);
        Assert.True(host.Io.IsClosed);
        if (!onlyAtTheEnd)
            host.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("closed", await client.ReadAsync());
        await client.AnswerCloseAsync();
        await Waiting.Until(() => log.EndCalls == 1);
        Assert.False(stopping.IsCompleted);
        await timeToStop.CancelAsync();
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await stopping.ContinueWith(static _ => { }, TaskScheduler.Default).Within(); // it may say that its time was up
        Assert.Equal(1, log.EndCalls);
    }

    [Fact]
    public async Task Many_connections_end_in_slices_and_those_that_are_left_at_once_when_it_takes_too_long()
    {
        using var http = new HttpClient();
        await using var host = await StartAsync();
        await Parallel.ForAsync(0, 1_600, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => await PollingPeer.OpenAsync(host, http));
        var engine = host.Io.EngineServer;
        Assert.Equal(1_600, engine.SessionCount);
        var closing = host.Io.CloseAsync(TimeSpan.FromMilliseconds(30));
        Assert.Equal(1_100, engine.SessionCount);
        host.Time.Advance(19);
        Assert.Equal(1_100, engine.SessionCount);
        host.Time.Advance(1);
        await Waiting.Until(() => engine.SessionCount == 600);
        host.Time.Advance(10);
        await closing.Within();
        Assert.Equal(0, engine.SessionCount);
    }

    [Fact]
    public async Task Whoever_connects_on_a_connection_that_is_about_to_end_is_not_answered_and_may_ask_elsewhere()
    {
        using var http = new HttpClient();
        await using var host = await StartAsync();
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => await PollingPeer.OpenAsync(host, http));
        var engine = host.Io.EngineServer;
        var closing = host.Io.CloseAsync();
        Assert.Equal(100, engine.SessionCount);
        var left = engine.Sessions.First();
        await left.Handler!.OnMessageAsync("0"u8.ToArray(), isBinary: false);
        await host.Store.Road!.BehindAsync(static () => { }).Within(); // whatever it has brought about
        Assert.Equal(0, left.QueuedCount);
        Assert.Empty(host.Io.Sockets.Sockets);
        host.Time.Advance(20);
        await closing.Within();
    }

    [Fact]
    public async Task Nobody_is_let_in_before_the_log_has_been_read()
    {
        // As in a host whose web server starts first.
        var log = new HeldLog(new LoopbackLog().Join());
        var io = await RecoveryHost.StartAsync(services: services => services.AddSingleton<ISharedLog>(log));
        Assert.False(io.Io.EngineServer.IsStopping);
        await io.DisposeAsync();

        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<ISharedLog>(new LoopbackLog().Join());
        builder.Services.AddSocketIO(options => options.ConnectionStateRecovery = new());
        await using var app = builder.Build();
        Assert.True(app.Services.GetRequiredService<SocketIOServer>().EngineServer.IsStopping);
    }

    private Task<SocketHost> StartAsync(Action<SocketIOServer>? configure = null, Action<IServiceCollection>? more = null) => RecoveryHost.StartAsync(configure, services: services =>
    {
        services.AddSocketIO().AddFileRecovery(_folder);
        more?.Invoke(services);
    });

    private static async Task StopAsync(SocketHost host, Peer client)
    {
        var stopping = host.StopAsync();
        Assert.Equal("closed", await client.ReadAsync());
        await client.AnswerCloseAsync();
        await stopping.Within();
    }

    /// <summary>A client, and all that it has seen.</summary>
    private sealed class Seat(SocketHost host, Peer peer)
    {
        public SocketHost Host { get; private set; } = host;

        public Peer Peer { get; private set; } = peer;

        public List<string> Seen { get; } = [];

        /// <summary>False: the connection has ended.</summary>
        public async Task<bool> TryReadAsync()
        {
            var frame = await Peer.TryReadEventAsync();
            if (frame is not null)
                Seen.Add(frame);
            return frame is not null;
        }

        public async Task ReturnAsync(SocketHost next)
        {
            var back = await next.ReturnAsync(Peer);
            Assert.Equal((Peer.Id, Peer.Pid), (back.Id, back.Pid));
            back.Offset = Peer.Offset;
            Peer.Dispose();
            (Host, Peer) = (next, back);
        }
    }

    private sealed class LastWords(SocketIOServer io) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await Waiting.Until(() => io.Sockets.Sockets.Count == 0);
            await io.EmitAsync("last words", CancellationToken.None);
        }
    }
}
