using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// A client that comes back: what it reads, in which order, and what the server's side has.
public class ReturnTests
{
    [Fact]
    public async Task First_the_answer_then_what_was_missed_then_what_is_live()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.JoinAsync("room")));
        using var peer = await host.JoinAsync();
        await Waiting.Until(() => host.SocketOf(peer).Rooms.Count == 2);
        await host.Io.EmitAsync("e", 0);
        await peer.ReadEventAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        await host.Io.To("room").EmitAsync("e", 2);
        await host.Io.To("elsewhere").EmitAsync("e", 99);
        await host.Io.To(peer.Id).EmitAsync("e", 3, new byte[] { 7 });
        await host.Io.Except("room").EmitAsync("e", 98);
        await host.Io.To("room").To(peer.Id).EmitAsync("e", 4);
        var (id, pid) = (peer.Id, peer.Pid);
        using var back = await host.ReturnAsync(peer);
        await host.Io.EmitAsync("e", 5);

        Assert.Equal((id, pid), (back.Id, back.Pid));
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        Assert.Equal("""451-["e",3,{"_placeholder":true,"num":0}]""", await back.ReadEventAsync());
        Assert.Equal("07", await back.ReadAsync());
        Assert.Equal("""42["e",4]""", await back.ReadEventAsync());
        Assert.Equal("""42["e",5]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Recovered, RecoveryReason.None, 4), host.SocketOf(back).Recovery);
        Assert.True(host.SocketOf(back).Recovered);
    }

    [Fact]
    public async Task What_is_replayed_is_byte_for_byte_what_was_sent()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var live = await host.JoinAsync();
        using var cut = await host.JoinAsync();
        await host.CutAsync(cut);
        for (var i = 0; i < 100; i++)
            await host.Io.EmitAsync("e", i, "\u00e4\"\u2028", new { a = i });
        using var back = await host.ReturnAsync(cut);
        for (var i = 0; i < 100; i++)
            Assert.Equal(await live.ReadAsync(), await back.ReadAsync());
    }

    [Fact]
    public async Task W2_who_never_got_an_event_comes_back_with_its_private_id_alone()
    {
        await using var host = await RecoveryHost.StartAsync();
        await host.Io.EmitAsync("e", "before");
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Events_first_puts_the_answer_behind_what_was_missed()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.ReplayOrder = ReplayOrder.EventsFirst);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        await host.Io.EmitAsync("e", 2);
        using var back = await host.KnockAsync(peer);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        await host.Io.EmitAsync("e", 3);
        Assert.Equal("""42["e",3]""", await back.ReadEventAsync());
    }

    [Fact]
    public async Task W12_W33_what_is_sent_while_the_middlewares_run_comes_behind_the_answer_and_nothing_before()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (_, next) =>
            {
                if (Interlocked.Increment(ref runs) == 2)
                    await gate.Task;
                await next();
            }),
            options => options.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        using var back = await host.KnockAsync(peer);
        await Waiting.Until(() => Volatile.Read(ref runs) == 2);
        await host.Io.EmitAsync("e", 2);
        await back.AssertNothingMoreAsync();
        gate.SetResult();
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        await Waiting.Until(() => host.SocketOf(back) is not null);
        await host.Io.EmitAsync("e", 3);
        for (var i = 1; i <= 3; i++)
            Assert.Equal($"42[\"e\",{i}]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task W16_who_joins_late_gets_nothing_from_before_and_who_has_left_gets_what_was_sent_until_then()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var socket = host.SocketOf(peer);
        await host.Io.To("a").EmitAsync("e", "not yet in");
        await socket.JoinAsync("a");
        peer.Dispose();
        await host.Io.To("a").EmitAsync("e", 1);
        await host.Io.In(peer.Id).SocketsLeaveAsync("a");
        await host.Io.To("a").EmitAsync("e", "out");
        await host.Io.In(peer.Id).SocketsJoinAsync("a");
        await host.Io.To("a").EmitAsync("e", 2);
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W17_rooms_that_change_while_it_is_away_count_from_that_moment_and_are_its_rooms_afterwards()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync(["stays", "leaves"]);
        await host.CutAsync(peer);
        await host.Io.To("joins").EmitAsync("e", "too early");
        await host.Io.In(peer.Id).SocketsJoinAsync("joins", "both");
        await host.Io.In("stays").SocketsLeaveAsync("leaves", "both");
        await host.Io.To("leaves").EmitAsync("e", "too late");
        await host.Io.To("joins").EmitAsync("e", 1);
        Assert.Empty(host.Io.Sockets.Sockets);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
        Assert.Equal(["joins", "stays", peer.Id], host.SocketOf(back).Rooms.OrderBy(room => room == peer.Id).ThenBy(room => room, StringComparer.Ordinal));
    }

    [Fact]
    public async Task W27_an_object_that_changes_after_the_emit_is_replayed_as_it_was()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        var (list, bytes) = (new List<int> { 1 }, new byte[] { 1, 2 });
        await host.Io.EmitAsync("e", list, bytes);
        list.Add(2);
        bytes[0] = 9;
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""451-["e",[1],{"_placeholder":true,"num":0}]""", await back.ReadEventAsync());
        Assert.Equal("0102", await back.ReadAsync());
    }

    [Fact]
    public async Task W29_data_and_items_belong_to_the_session_and_not_to_the_socket()
    {
        var key = new object();
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var before = host.SocketOf(peer);
        before.Data.Set("name", "Ada");
        before.Items[key] = this;
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        var after = host.SocketOf(back);
        Assert.NotSame(before, after);
        Assert.Equal("Ada", after.Data.Get<string>("name"));
        Assert.Same(this, after.Items[key]);
    }

    [Fact]
    public async Task W27_a_disconnect_handler_that_cleans_up_its_data_takes_nothing_from_the_session()
    {
        var cleaned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket =>
        {
            if (socket.Recovered)
                return;
            socket.Data.Set("name", "Ada");
            socket.OnDisconnecting(_ => socket.Data.Set("last", "word"));
            socket.OnDisconnect(_ =>
            {
                Assert.Equal("word", socket.Data.Get<string>("last"));
                socket.Data.Clear();
                cleaned.SetResult();
            });
        }));
        using var peer = await host.JoinAsync();
        await Waiting.Until(() => host.SocketOf(peer).Data.ContainsKey("name"));
        await host.CutAsync(peer);
        await cleaned.Task.Within();
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("Ada", host.SocketOf(back).Data.Get<string>("name"));
        Assert.Equal("word", host.SocketOf(back).Data.Get<string>("last"));
    }

    [Fact]
    public async Task A_client_that_is_cut_over_and_over_gets_each_event_once_and_in_order()
    {
        await using var host = await RecoveryHost.StartAsync();
        var peer = await host.JoinAsync();
        var (sent, seen) = (0, 0);
        for (var round = 0; round < 30; round++)
        {
            for (var i = 0; i < 3; i++)
                await host.Io.EmitAsync("e", sent++);
            for (var i = 0; i < round % 4; i++)
                Assert.Equal($"42[\"e\",{seen++}]", await peer.ReadEventAsync());
            await host.CutAsync(peer);
            await host.Io.EmitAsync("e", sent++);
            var back = await host.ReturnAsync(peer);
            Assert.Equal(peer.Pid, back.Pid);
            peer = back;
        }
        while (seen < sent)
            Assert.Equal($"42[\"e\",{seen++}]", await peer.ReadEventAsync());
        await peer.AssertNothingMoreAsync();
        peer.Dispose();
    }
}
