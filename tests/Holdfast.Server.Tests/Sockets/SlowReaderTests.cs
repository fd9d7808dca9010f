using System.Runtime.CompilerServices;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>A client that sends and doesn't read, or reads too slowly: what it costs, how it ends, and that nobody else feels it.</summary>
public sealed class SlowReaderTests : IDisposable
{
    private const int Limit = 5_000;
    private const int MostPosts = 30;

    private static readonly string Text = new('x', 1_000);

    private readonly HttpClient _http = new();

    [Fact]
    public async Task A_flood_of_an_echo_that_nobody_reads_is_given_up_and_its_memory_is_free()
    {
        await using var host = await SocketHost.StartAsync(Echo, Small);
        using var neighbour = await host.ConnectAsync();
        var peer = await PollingPeer.OpenAsync(host, _http);
        var (session, post) = await FloodAsync(host, peer);
        await EchoAsync(neighbour, "before");

        host.Time.Advance(25_000);
        Assert.Equal("2", await neighbour.ReadAsync());
        await neighbour.SendAsync("3");
        await EchoAsync(neighbour, "meanwhile");
        host.Time.Advance(19_999);
        await EchoAsync(neighbour, "still");
        Assert.Equal(2, host.Io.Engine.ClientsCount);
        host.Time.Advance(1);

        await Waiting.Until(() => host.Io.Engine.ClientsCount == 1);
        await post.Within();
        await EchoAsync(neighbour, "after");
        await Waiting.Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !session.TryGetTarget(out _);
        });
    }

    [Fact]
    public async Task With_recovery_it_is_parked_and_comes_back_to_every_echo_once_and_in_order()
    {
        await using var host = await RecoveryHost.StartAsync(Echo, options: options =>
        {
            Small(options);
            options.PingInterval = TimeSpan.FromSeconds(25);
        });
        var peer = await PollingPeer.JoinAsync(host, _http);
        var (_, post) = await FloodAsync(host, peer);
        host.Time.Advance(45_000);
        await Waiting.Until(() => peer.IsParked(host));
        await post.Within();
        Assert.Equal(DisconnectReason.PingTimeout, host.SessionOf(peer.Pid!)!.LastDisconnect);
        Assert.Null(host.SessionOf(peer.Pid!)!.Outlet);

        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        await Waiting.Until(() => host.SocketOf(back) is { Connected: true });

        // At least what filled the outbox; of what stood in line some may have been handled while the connection ended.
        var echoed = host.SocketOf(back).Recovery.MissedCount;
        Assert.InRange(echoed, Limit / Text.Length, MostPosts);
        for (var i = 0; i < echoed; i++)
            Assert.Equal($"42[\"echo\",{i},\"{Text}\"]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task One_among_many_costs_its_outbox_and_the_others_get_everything()
    {
        await using var host = await SocketHost.StartAsync(_ => { }, options =>
        {
            Small(options);
            options.SlowConsumerPolicy = SlowConsumerPolicy.Drop;
        });
        var peer = await PollingPeer.OpenAsync(host, _http);
        await peer.PostAsync("40");
        var slow = host.Io.Sockets.Sockets.Single().Client.Engine;
        var others = new List<Peer>();
        for (var i = 0; i < 20; i++)
            others.Add(await host.ConnectAsync());
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 21);

        for (var i = 0; i < 20; i++)
        {
            await host.Io.EmitAsync("e", i, Text);
            Assert.InRange(slow.UnsentBytes, 1, Limit + Text.Length + 20);
            foreach (var other in others)
                Assert.Equal($"42[\"e\",{i},\"{Text}\"]", await other.ReadAsync());
        }
        others.ForEach(other => other.Dispose());
    }

    [Fact]
    public async Task Whoever_sends_does_not_wait_for_what_the_application_does_when_a_slow_reader_is_closed()
    {
        using var leaving = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(socket => socket.OnDisconnect(_ =>
            {
                leaving.Set();
                gate.Wait(TimeSpan.FromSeconds(30));
            })),
            Small);
        var peer = await PollingPeer.OpenAsync(host, _http);
        await peer.PostAsync("40");
        using var other = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 2);

        for (var i = 0; i < 20; i++)
        {
            // On a thread of its own: if it had to wait, it would wait there.
            await Task.Run(() => host.Io.EmitAsync("e", i, Text)).Within();
            Assert.Equal($"42[\"e\",{i},\"{Text}\"]", await other.ReadAsync());
        }
        await Waiting.Until(() => leaving.IsSet);
        Assert.False(gate.IsSet);
        gate.Set();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
    }

    [Fact]
    public async Task Answers_of_a_few_bytes_are_bounded_by_what_they_cost()
    {
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(socket => socket.On("ask", () => 1)),
            options => options.OutboxLimit = 12_800);
        var peer = await PollingPeer.OpenAsync(host, _http);
        await peer.PostAsync("40");
        await peer.PollAsync();
        var engine = host.Io.Sockets.Sockets.Single().Client.Engine;
        await peer.PostAsync(string.Join('\x1e', Enumerable.Repeat("421[\"ask\"]", 1_000)));
        await Waiting.Until(() =>
        {
            lock (engine.Gate)
                return engine.QueuedCount == 100;
        });

        // Those that wait come as there is room.
        var answers = 0;
        while (answers < 1_000)
        {
            var packets = await peer.PollAsync();
            Assert.All(packets, packet => Assert.Equal("431[1]", packet));
            Assert.InRange(packets.Length, 1, 100);
            answers += packets.Length;
        }
        Assert.Equal(1_000, answers);
    }

    public void Dispose() => _http.Dispose();

    private static void Small(SocketIOOptions options) => options.OutboxLimit = options.InboxLimit = Limit;

    private static void Echo(SocketIOServer io) =>
        io.OnConnection(socket => socket.On("echo", (int n, string text) => socket.EmitAsync("echo", n, text)));

    private static async Task EchoAsync(Peer peer, string text)
    {
        await peer.SendAsync($"42[\"echo\",0,\"{text}\"]");
        Assert.Equal($"42[\"echo\",0,\"{text}\"]", await peer.ReadAsync());
    }

    /// <summary>Until the outbox and the inbox are full, and the server reads no more.</summary>
    private static async Task<(WeakReference<Session> Session, Task Post)> FloodAsync(SocketHost host, PollingPeer peer)
    {
        if (peer.Pid is null)
            await peer.PostAsync("40");
        for (var i = 0; ; i++)
        {
            Assert.InRange(i, 0, MostPosts);
            var post = peer.PostAsync($"42[\"echo\",{i},\"{Text}\"]");
            if (await IsHeldUpAsync(host, peer, post))
                return (SessionOf(host, peer), post);
            await post;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<bool> IsHeldUpAsync(SocketHost host, PollingPeer peer, Task post)
    {
        await Waiting.Until(() => post.IsCompleted || Find(host, peer).Client.Engine.IsHeartbeatSuspended);
        return !post.IsCompleted;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Session> SessionOf(SocketHost host, PollingPeer peer) => new(Find(host, peer).Session);

    private static ServerSocket Find(SocketHost host, PollingPeer peer) =>
        host.Io.Sockets.Sockets.Single(socket => socket.Client.Engine.Id == peer.EngineId);
}
