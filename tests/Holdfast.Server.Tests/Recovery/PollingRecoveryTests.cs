using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// The same over HTTP long-polling, where a body carries several packets and the server's outbox is as full as the test wants it.
public sealed class PollingRecoveryTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_answer_and_what_was_missed_are_one_payload_in_this_order()
    {
        await using var host = await RecoveryHost.StartAsync();
        var peer = await PollingPeer.JoinAsync(host, _http);
        await peer.CutAsync(host);
        await host.Io.EmitAsync("e", 1);
        await host.Io.EmitAsync("e", 2);
        var back = await PollingPeer.OpenAsync(host, _http);
        await back.PostAsync(RecoveryHost.Connect(peer.Pid, null));
        var epoch = host.Store.Log.Offsets.Template[..9];
        Assert.Equal(
            [$$"""40{"sid":"{{peer.Id}}","pid":"{{peer.Pid}}"}""", $"""42["e",1,"{epoch}0000000001"]""", $"""42["e",2,"{epoch}0000000002"]"""],
            await back.PollAsync());
    }

    [Fact]
    public async Task W1_a_takeover_closes_the_waiting_poll_and_what_was_queued_there_comes_on_the_new_connection()
    {
        await using var host = await RecoveryHost.StartAsync();
        var peer = await PollingPeer.JoinAsync(host, _http);
        await host.Io.EmitAsync("e", 1); // nobody fetches it
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        var after = await peer.PollAsync();
        Assert.DoesNotContain(after, packet => packet.StartsWith("42", StringComparison.Ordinal));
        Assert.Equal(["400"], await peer.PollAsync());
        await host.Io.EmitAsync("e", 2);
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
    }

    [Fact]
    public async Task A_takeover_ends_the_waiting_poll_with_nothing_that_closes_before_its_time()
    {
        await using var host = await RecoveryHost.StartAsync();
        var peer = await PollingPeer.JoinAsync(host, _http);
        var waiting = peer.PollAsync();
        await Waiting.Until(() => host.SessionOf(peer.Pid!)!.Outlet!.Transport.IsWritable);
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal(["6"], await waiting);
        Assert.Equal(["400"], await peer.PollAsync());
    }

    [Fact]
    public async Task A_slow_reader_of_broadcasts_is_closed_and_comes_back_to_everything()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        for (var i = 0; i < 20; i++)
            await host.Io.EmitAsync("e", i, new string('x', 100));
        await Waiting.Until(() => peer.IsParked(host));
        Assert.Equal(DisconnectReason.TransportError, host.SessionOf(peer.Pid!)!.LastDisconnect);
        await AssertAllAsync(host, peer, 20);
    }

    [Fact]
    public async Task Emits_that_wait_for_room_when_the_connection_is_lost_are_in_the_replay_in_order()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        var socket = host.Io.Sockets.FindSocket(peer.Id)!;
        using var cancelled = new CancellationTokenSource();
        var emits = Enumerable.Range(0, 10).Select(i => socket.EmitAsync("e", i, new string('x', 100))).ToList();
        var withdrawn = socket.EmitAsync("withdrawn", cancelled.Token);
        emits.AddRange(Enumerable.Range(10, 10).Select(i => socket.EmitAsync("e", i, new string('x', 100))));
        Assert.Contains(emits, emit => !emit.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn.Within());
        await peer.CutAsync(host);
        await Task.WhenAll(emits).Within();
        await AssertAllAsync(host, peer, 20);
    }

    [Fact]
    public async Task W1_emits_that_wait_for_room_move_to_the_connection_that_takes_over()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        var socket = host.Io.Sockets.FindSocket(peer.Id)!;
        var emits = Enumerable.Range(0, 20).Select(i => socket.EmitAsync("e", i, new string('x', 100))).ToArray();
        Assert.Contains(emits, emit => !emit.IsCompleted);
        await AssertAllAsync(host, peer, 20);
        await Task.WhenAll(emits).Within();
    }

    [Fact]
    public async Task An_emit_whose_turn_comes_in_vain_is_kept_for_the_replay()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        var socket = host.Io.Sockets.FindSocket(peer.Id)!;
        var emits = Enumerable.Range(0, 10).Select(i => socket.EmitAsync("e", i, new string('x', 100))).ToArray();
        // Its place was free when its turn began, and a ping has taken it meanwhile.
        host.SessionOf(peer.Pid!)!.Line!.Peek().Proceed();
        await Task.WhenAll(emits).Within();
        await Waiting.Until(() => peer.IsParked(host));
        await AssertAllAsync(host, peer, 10);
    }

    [Fact]
    public async Task Emits_that_still_go_out_before_a_kick_carry_no_position_that_others_will_have()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        var socket = host.Io.Sockets.FindSocket(peer.Id)!;
        var emits = Enumerable.Range(0, 10).Select(i => socket.EmitAsync("e", i, new string('x', 100))).ToArray();
        await socket.DisconnectAsync();
        var received = new List<string>();
        while (received.LastOrDefault() != "41")
            received.AddRange(await peer.PollAsync());
        await Task.WhenAll(emits).Within();
        var positions = received.SkipLast(1).Select(packet => packet[^21..^2]).ToArray();
        Assert.Equal(10, positions.Length);
        Assert.Equal(positions.Order(StringComparer.Ordinal), positions);
        Assert.All(positions, position =>
        {
            Assert.Equal(OffsetKind.Position, host.Store.Log.Offsets.Read(position, out var sequence));
            Assert.InRange(sequence, 1, host.Store.Position);
        });
    }

    [Fact]
    public async Task A_replay_waits_for_less_than_a_small_outbox_holds()
    {
        await using var host = await RecoveryHost.StartAsync(options: options => options.OutboxLimit = 500);
        var peer = await PollingPeer.JoinAsync(host, _http);
        await peer.CutAsync(host);
        for (var i = 0; i < 20; i++)
            await host.Io.EmitAsync("e", i, new string('x', 100));
        var back = await PollingPeer.OpenAsync(host, _http);
        await back.PostAsync(RecoveryHost.Connect(peer.Pid, null));
        var replay = host.SessionOf(peer.Pid!)!.Replay!;
        Assert.InRange(replay.LowWater, 0, 499);
        back.TakeIds((await back.PollAsync())[0]);
        Assert.Equal(peer.Pid, back.Pid);
    }

    private static async Task AssertAllAsync(SocketHost host, PollingPeer peer, int count)
    {
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        for (var i = 0; i < count; i++)
            Assert.StartsWith($"42[\"e\",{i},", await back.ReadEventAsync(), StringComparison.Ordinal);
        await back.AssertNothingMoreAsync();
    }
}
