using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

// The store has not got any more what memory has left to it: nobody gets what stands behind a gap, and whoever needed it is told.
public class LostStoreTests
{
    private const int Events = 150;

    private readonly LoopbackLog _log = new();

    [Fact]
    public async Task What_has_been_trimmed_is_known_to_be_gone_before_anybody_asks_for_it()
    {
        await using var a = await StartAsync();
        using var peer = await MissAsync(a);
        _log.Trim();
        await Waiting.Until(() => a.Host.Store.Log.Count < Events);

        using var back = await a.Host.ReturnAsync(peer);

        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), a.Host.SocketOf(back).Recovery);
        Assert.Equal(0, a.Log.ReadAgain);
        Assert.InRange(a.Host.Store.Log.Count, 1, 30); // what memory holds is there
    }

    [Fact]
    public async Task What_memory_holds_is_replayed_although_the_store_has_lost_it()
    {
        await using var a = await StartAsync();
        using var first = await MissAsync(a);
        using var peer = await a.Host.JoinAsync();
        await a.Host.CutAsync(peer);
        await a.Io.EmitAsync("missed", 1).Within();
        _log.Trim();

        using var back = await a.Host.ReturnAsync(peer);

        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        Assert.True(a.Host.SocketOf(back).Recovered);
    }

    [Fact]
    public async Task What_is_trimmed_while_a_replay_needs_it_ends_the_connection_and_the_client_is_told_when_it_comes_back()
    {
        await using var a = await StartAsync();
        using var peer = await MissAsync(a);
        a.Log.HoldReads();
        using var back = await a.Host.ReturnAsync(peer);
        await Waiting.Until(() => a.Log.HeldReads == 1);
        _log.Trim();
        a.Log.GoOnReading();

        Assert.Equal("closed", await back.ReadAsync());
        using var third = await a.Host.ReturnAsync(back);
        Assert.Equal((peer.Id, new RecoveryResult(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0)), (third.Id, a.Host.SocketOf(third).Recovery));
        await third.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task What_can_not_be_read_is_a_loss_for_whoever_still_needs_it_and_for_nobody_else()
    {
        await using var a = await StartAsync();
        using var early = await a.Host.JoinAsync();
        using var late = await a.Host.JoinAsync();
        await a.Host.CutAsync(early);
        for (var i = 0; i < Events; i++)
        {
            await a.Io.EmitAsync("e", i, new string('x', 2_000)).Within();
            if (i <= Events / 2)
                await late.ReadEventAsync();
            if (i == Events / 2)
                await a.Host.CutAsync(late);
        }
        _log.Spoil(20);

        using var back = await a.Host.KnockAsync(early);
        await back.ReadConnectAsync();
        for (var i = 0; await back.TryReadEventAsync() is { } read; i++)
        {
            Assert.InRange(i, 0, 19);
            Assert.StartsWith($"42[\"e\",{i},", read, StringComparison.Ordinal);
        }
        using var third = await a.Host.ReturnAsync(back);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), a.Host.SocketOf(third).Recovery);

        using var other = await a.Host.ReturnAsync(late);
        Assert.True(a.Host.SocketOf(other).Recovered);
        for (var i = (Events / 2) + 1; i < Events; i++)
            Assert.StartsWith($"42[\"e\",{i},", await other.ReadEventAsync(), StringComparison.Ordinal);
        await other.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Whoever_is_ended_meanwhile_is_told_its_end_and_nothing_that_stands_behind_the_gap()
    {
        await using var a = await StartAsync();
        using var peer = await MissAsync(a);
        a.Log.HoldReads();
        using var back = await a.Host.ReturnAsync(peer);
        await Waiting.Until(() => a.Log.HeldReads == 1);
        await a.Host.SocketOf(back).DisconnectAsync().Within();
        await Waiting.Until(() => a.Host.SessionOf(back) is null);
        _log.Trim();
        a.Log.GoOnReading();

        Assert.Equal("41", await back.ReadAsync());
    }

    [Fact]
    public async Task A_log_that_ends_meanwhile_ends_the_connection_and_another_node_has_all_of_it()
    {
        await using var a = await StartAsync();
        using var peer = await MissAsync(a);
        a.Log.HoldReads();
        using var back = await a.Host.ReturnAsync(peer);
        await Waiting.Until(() => a.Log.HeldReads == 1);
        var tail = Tail(a);
        a.Log.Die();

        Assert.Equal("closed", await back.ReadAsync());
        Assert.Equal(tail, Tail(a));
        await using var b = await StartAsync();
        using var elsewhere = await b.Host.ReturnAsync(back);
        for (var i = 0; i < Events; i++)
            Assert.StartsWith($"42[\"e\",{i},", await elsewhere.ReadEventAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_while_its_replay_is_read_leaves_nothing_behind()
    {
        await using var a = await StartAsync();
        using var peer = await MissAsync(a);
        a.Log.HoldReads();
        using var back = await a.Host.ReturnAsync(peer);
        await Waiting.Until(() => a.Log.HeldReads == 1);
        await a.Host.CutAsync(back);
        a.Log.GoOnReading();

        using var third = await a.Host.ReturnAsync(back);
        for (var i = 0; i < Events; i++)
            Assert.StartsWith($"42[\"e\",{i},", await third.ReadEventAsync(), StringComparison.Ordinal);
        await third.AssertNothingMoreAsync();
    }

    private Task<LoopbackHost> StartAsync() => LoopbackHost.StartAsync(_log.Join(memory: 40_000));

    private static async Task<Peer> MissAsync(LoopbackHost node)
    {
        var peer = await node.Host.JoinAsync();
        await node.Host.CutAsync(peer);
        for (var i = 0; i < Events; i++)
            await node.Io.EmitAsync("e", i, new string('x', 2_000)).Within();
        return peer;
    }

    private static long Tail(LoopbackHost node)
    {
        lock (node.Host.Store.Log.Gate)
            return node.Host.Store.Log.Tail;
    }
}
