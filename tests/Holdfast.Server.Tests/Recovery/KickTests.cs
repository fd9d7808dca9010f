using System.Collections.Concurrent;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// Whoever was disconnected on purpose does not come back by a private id, wherever its session was at that moment.
public class KickTests
{
    private readonly ConcurrentQueue<string> _log = new();

    [Fact]
    public async Task W26a_a_kicked_client_does_not_get_its_session_back()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer); // once recovered, so that a leftover of the first time would show
        await host.SocketOf(back).JoinAsync("room");
        await host.SocketOf(back).DisconnectAsync();
        Assert.Equal("41", await back.ReadAsync());
        Assert.Null(host.SessionOf(peer));
        using var again = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(again).Recovery);
        Assert.NotEqual(peer.Id, again.Id);
        Assert.Single(host.SocketOf(again).Rooms);
        await Waiting.Until(() => _log.Contains("expired: Disconnected"));
    }

    [Fact]
    public async Task W26a_a_client_that_left_by_itself_starts_afresh()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("41");
        await Waiting.Until(() => _log.Count == 3);
        Assert.Equal(["connection", "disconnect: client namespace disconnect", "expired: Disconnected"], _log);
        Assert.Null(host.SessionOf(peer));
        using var back = await host.ReturnAsync(peer);
        Assert.NotEqual(peer.Pid, back.Pid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task W17_a_session_that_waits_is_ended_by_disconnecting_its_room_or_its_old_socket(bool byRoom)
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        var socket = host.SocketOf(peer);
        await socket.JoinAsync("room");
        await host.CutAsync(peer);
        if (byRoom)
            await host.Io.In("room").DisconnectSocketsAsync(close: true);
        else
            await socket.DisconnectAsync();
        Assert.Null(host.SessionOf(peer));
        Assert.Equal(0, host.Io.Sockets.Adapter.SessionCount);
        Assert.Equal(0, host.Io.Sockets.Adapter.RoomCount);
        Assert.Equal(0, host.Store.Sessions.ParkedCount);
        host.Time.Advance(TimeSpan.FromMinutes(10));
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(RecoveryReason.UnknownSession, host.SocketOf(back).Recovery.Reason);
        await Waiting.Until(() => _log.Count >= 5);
        Assert.Single(_log, entry => entry.StartsWith("expired", StringComparison.Ordinal));
        Assert.Contains("expired: Disconnected", _log);
    }

    [Fact]
    public async Task W26a_an_old_socket_that_is_kicked_after_a_takeover_means_its_client()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var old = host.SocketOf(peer);
        using var back = await host.ReturnAsync(peer);
        await old.DisconnectAsync();
        Assert.Equal("41", await back.ReadAsync());
        Assert.Null(host.SessionOf(peer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task W26a_a_kick_while_somebody_is_coming_back_wins(bool whileLive)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(io => io.OnRecovering(async (_, _) =>
        {
            asked.SetResult();
            await gate.Task;
            return true;
        }));
        using var peer = await host.JoinAsync();
        var old = host.SocketOf(peer);
        await old.JoinAsync("room");
        if (!whileLive)
            await host.CutAsync(peer);
        using var back = await host.KnockAsync(peer);
        await asked.Task.Within();
        await host.Io.In("room").DisconnectSocketsAsync();
        gate.SetResult();
        await back.ReadConnectAsync();
        Assert.NotEqual(peer.Pid, back.Pid);
        Assert.NotEqual(peer.Id, back.Id);
        await Waiting.Until(() => host.SocketOf(back) is not null);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(back).Recovery);
        Assert.DoesNotContain("room", host.SocketOf(back).Rooms);
    }

    [Fact]
    public async Task W18_what_was_emitted_before_a_disconnection_arrives_before_it()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.On("go", async () =>
        {
            await socket.EmitAsync("last", 1);
            await io.To(socket.Id).EmitAsync("last", 2);
            await socket.DisconnectAsync();
            await socket.EmitAsync("never");
        })));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("42[\"go\"]");
        Assert.Equal("""42["last",1]""", await peer.ReadEventAsync());
        Assert.Equal("""42["last",2]""", await peer.ReadEventAsync());
        Assert.Equal("41", await peer.ReadAsync());
        await peer.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_kick_in_the_middle_of_a_replay_sends_what_came_before_it_and_then_the_disconnection()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 5; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        Assert.Equal(SessionStage.Resuming, host.SessionOf(peer)!.Stage);
        await host.Io.EmitAsync("e", 5);
        await host.SocketOf(back).DisconnectAsync();
        await host.Io.EmitAsync("e", "too late");
        Assert.Null(host.SessionOf(peer));
        for (var i = 1; i <= 5; i++)
            Assert.Equal($"42[\"e\",{i}]", await host.WhileTimePassesAsync(back.ReadEventAsync()));
        Assert.Equal("41", await back.ReadAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_kick_in_the_middle_of_a_replay_that_closes_the_connection_says_so_first()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 5; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        await host.SocketOf(back).DisconnectAsync(close: true);
        Assert.Equal("41", await back.ReadAsync()); // or the official client would connect again by itself
        Assert.Equal("closed", await back.ReadAsync());
        Assert.Null(host.SessionOf(peer));
    }

    [Fact]
    public async Task A_kick_of_a_client_whose_replay_was_just_given_up_ends_its_session()
    {
        Exception? failure = null;
        var overflowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(
            io => io.OnConnection(socket => socket.On("flood", async () =>
            {
                // Questions wait behind the replay, in a bounded line. This handler runs in the read loop, so the connection's end waits for its first pause.
                var questions = Enumerable.Range(0, 10).Select(_ => socket.EmitWithAckAsync<int>("question", new string('x', 1_000))).ToArray();
                failure = Record.Exception(() => socket.DisconnectAsync().GetAwaiter().GetResult());
                overflowed.SetResult();
                await Task.WhenAll(questions.Select(question => Assert.ThrowsAsync<SocketDisconnectedException>(() => question)));
            })),
            options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000),
            options => options.OutboxLimit = 5_000);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 5; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        await back.SendAsync("42[\"flood\"]");
        await overflowed.Task.Within();
        Assert.Null(failure);
        Assert.Equal("closed", await back.ReadAsync());
        await Waiting.Until(() => host.SessionOf(peer) is null && host.Io.Sockets.Adapter.SessionCount == 0);
    }
}
