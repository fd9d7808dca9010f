using System.Collections.Concurrent;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery.Shared;

/// <summary>What servers that share a log do together, whatever the log is.</summary>
public abstract class SharedLogTests
{
    /// <summary>Another node of the same log.</summary>
    private protected abstract ISharedLog Join();

    [Fact]
    public async Task A_broadcast_reaches_the_clients_of_all_nodes_with_one_offset_and_in_one_order()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var first = await a.JoinAsync();
        using var second = await b.JoinAsync();

        await Task.WhenAll(a.Io.EmitAsync("news", 1), b.Io.EmitAsync("news", 2));
        string[] seen = [await first.ReadAsync(), await first.ReadAsync()];
        string[] alsoSeen = [await second.ReadAsync(), await second.ReadAsync()];
        Assert.Equal(seen, alsoSeen);
        Assert.Contains(seen, text => text.StartsWith("42[\"news\",1,", StringComparison.Ordinal));
        Assert.Contains(seen, text => text.StartsWith("42[\"news\",2,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_whose_node_is_gone_is_recovered_on_another_with_its_rooms_and_what_it_missed()
    {
        var a = await StartAsync();
        await using var b = await StartAsync();
        using var first = await a.JoinAsync();
        await a.SocketOf(first).JoinAsync("room");
        await a.Io.EmitAsync("seen", 1);
        Assert.Equal("42[\"seen\",1]", await first.ReadEventAsync());

        await a.DisposeAsync();
        await b.Io.To("room").EmitAsync("missed", 2);
        await b.Io.To("other").EmitAsync("not mine", 3);
        await b.Io.To(first.Id).EmitAsync("mine", 4);

        using var back = await b.ReturnAsync(first);
        Assert.Equal((first.Id, first.Pid), (back.Id, back.Pid));
        Assert.Equal("42[\"missed\",2]", await back.ReadEventAsync());
        Assert.Equal("42[\"mine\",4]", await back.ReadEventAsync());
        Assert.Equal(["room", first.Id], b.SocketOf(back).Rooms.OrderByDescending(room => room == "room"));
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_client_that_comes_to_another_node_while_its_connection_still_stands_takes_its_session_along()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var former = await a.JoinAsync();
        await b.Io.EmitAsync("seen", 1);
        Assert.Equal("42[\"seen\",1]", await former.ReadEventAsync());

        using var back = await b.ReturnAsync(former);
        Assert.Equal((former.Id, former.Pid), (back.Id, back.Pid));
        await Waiting.Until(() => a.Io.Sockets.FindSocket(former.Id) is null);
        await a.Io.To(former.Id).EmitAsync("once", 2);
        Assert.Equal("42[\"once\",2]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Sockets_of_other_nodes_join_leave_and_are_disconnected()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var client = await b.JoinAsync();

        await a.Io.In(client.Id).SocketsJoinAsync("room");
        await a.Io.To("room").EmitAsync("in", 1);
        await a.Io.In("room").SocketsLeaveAsync("room");
        await a.Io.To("room").EmitAsync("out", 2);
        await a.Io.EmitAsync("all", 3);
        Assert.Equal("42[\"in\",1]", await client.ReadEventAsync());
        Assert.Equal("42[\"all\",3]", await client.ReadEventAsync());

        await a.Io.In(client.Id).DisconnectSocketsAsync();
        Assert.Equal("41", await client.ReadAsync());
    }

    [Fact]
    public async Task What_happens_to_a_client_that_is_away_has_happened_when_it_comes_back_wherever()
    {
        var a = await StartAsync();
        await using var b = await StartAsync();
        using var moved = await a.JoinAsync();
        using var kicked = await a.JoinAsync();
        await a.DisposeAsync();

        await b.Io.In(moved.Id).SocketsJoinAsync("room");
        await b.Io.To("room").EmitAsync("missed", 1);
        await b.Io.In(kicked.Id).DisconnectSocketsAsync();

        using var back = await b.ReturnAsync(moved);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        using var fresh = await b.ReturnAsync(kicked);
        Assert.NotEqual(kicked.Id, fresh.Id);
    }

    [Fact]
    public async Task A_node_that_starts_later_knows_all_that_the_others_know()
    {
        var a = await StartAsync();
        using var client = await a.JoinAsync();
        a.SocketOf(client).Data.Set("name", "Ada");
        await a.SocketOf(client).SaveAsync().Within();
        await a.SocketOf(client).JoinAsync("room");
        await a.DisposeAsync();
        var b = await StartAsync();
        await b.Io.To("room").EmitAsync("missed", 1);
        await b.DisposeAsync();

        await using var c = await StartAsync();
        using var back = await c.ReturnAsync(client);
        Assert.Equal(client.Id, back.Id);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        Assert.Equal("Ada", c.SocketOf(back).Data.Get<string>("name"));
    }

    [Fact]
    public async Task Of_two_nodes_that_a_client_comes_to_at_once_one_gets_its_session()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var former = await a.JoinAsync();
        await a.CutAsync(former);

        // Whoever is second takes it from the first, whose connection may be gone before it has been told.
        var answers = 0;
        foreach (var peer in await Task.WhenAll(a.KnockAsync(former), b.KnockAsync(former)))
        {
            var answer = await peer.ReadAsync();
            if (answer == "closed")
                continue;
            Assert.StartsWith($"40{{\"sid\":\"{former.Id}\",", answer, StringComparison.Ordinal);
            answers++;
        }
        Assert.InRange(answers, 1, 2);
        await Waiting.Until(() => (a.Io.Sockets.FindSocket(former.Id) is null) != (b.Io.Sockets.FindSocket(former.Id) is null));
    }

    [Fact]
    public async Task What_a_handler_has_emitted_comes_before_its_ack_and_so_does_what_it_has_stored()
    {
        await using var b = await StartAsync();
        await using var a = await StartAsync(io => io.OnConnection(socket => socket.On("do", () =>
        {
            _ = io.EmitAsync("to all", 1);
            _ = socket.EmitAsync("to you", 2);
            socket.Data.Set("name", "Ada");
            return 3;
        })));
        using var client = await a.JoinAsync();

        await client.SendAsync("420[\"do\"]");

        Assert.Equal("42[\"to all\",1]", await client.ReadEventAsync());
        Assert.Equal("42[\"to you\",2]", await client.ReadEventAsync());
        Assert.Equal("430[3]", await client.ReadAsync());
        // Told means written: it is in the log, so another node has it when it has read up to here.
        await b.Io.Recovery!.Road!.Log.CatchUpAsync(default).Within();
        Assert.Equal("Ada", b.SessionOf(client)!.Data.Get<string>("name"));
    }

    [Fact]
    public async Task Events_questions_and_the_end_of_one_socket_keep_the_order_of_the_calls()
    {
        await using var a = await StartAsync();
        using var client = await a.JoinAsync();
        var socket = a.SocketOf(client);

        var first = socket.EmitAsync("first");
        var question = socket.EmitWithAckAsync<int>("question");
        var second = a.Io.To(client.Id).EmitAsync("second");
        var broadcast = a.Io.EmitWithAckAsync<int>("to all");
        var third = socket.EmitAsync("third");
        var end = socket.DisconnectAsync();
        var never = a.Io.EmitAsync("never");

        Assert.Equal("42[\"first\"]", await client.ReadEventAsync());
        Assert.EndsWith("[\"question\"]", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("42[\"second\"]", await client.ReadEventAsync());
        Assert.EndsWith("[\"to all\"]", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("42[\"third\"]", await client.ReadEventAsync());
        Assert.Equal("41", await client.ReadAsync());
        await Task.WhenAll(first, second, third, end, never).Within();
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => question).Within();
        Assert.Equal(1, (await broadcast.Within()).Missing);
    }

    [Fact]
    public async Task Whoever_leaves_a_room_gets_what_was_emitted_to_it_before_and_nothing_after()
    {
        await using var a = await StartAsync();
        using var client = await a.JoinAsync();
        var socket = a.SocketOf(client);

        await Task.WhenAll(socket.JoinAsync("room"), a.Io.To("room").EmitAsync("in", 1), socket.LeaveAsync("room"), a.Io.To("room").EmitAsync("out", 2)).Within();
        await Task.WhenAll(a.Io.Local.SocketsJoinAsync("local"), a.Io.To("local").EmitAsync("in", 3), a.Io.Local.SocketsLeaveAsync("local")).Within();
        await a.Io.To("local").EmitAsync("out", 4);

        Assert.Equal("42[\"in\",1]", await client.ReadEventAsync());
        Assert.Equal("42[\"in\",3]", await client.ReadEventAsync());
        await client.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Rooms_that_only_the_sockets_of_one_node_were_to_join_are_known_to_all_nodes()
    {
        var a = await StartAsync();
        await using var b = await StartAsync();
        using var client = await a.JoinAsync();
        using var other = await b.JoinAsync();

        await a.Io.Local.SocketsJoinAsync("room");
        await a.DisposeAsync();
        await b.Io.To("room").EmitAsync("missed", 1);
        await b.Io.EmitAsync("all", 2);

        using var back = await b.ReturnAsync(client);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        Assert.Equal("42[\"all\",2]", await other.ReadEventAsync());
    }

    [Fact]
    public async Task An_emit_to_a_socket_whose_client_is_on_another_node_by_now_reaches_it_there()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var former = await a.JoinAsync();
        var socket = a.SocketOf(former);
        using var back = await b.ReturnAsync(former);
        await Waiting.Until(() => !socket.Connected);

        await socket.EmitAsync("late", 1);

        Assert.Equal("42[\"late\",1]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task What_is_in_no_log_carries_the_position_of_the_last_event_that_is()
    {
        await using var a = await StartAsync();
        using var client = await a.JoinAsync();
        await a.Io.EmitAsync("stored", 1);
        Assert.Equal("42[\"stored\",1]", await client.ReadEventAsync());
        var position = client.Offset;
        var outlet = a.SessionOf(client)!.Outlet!;

        await a.Io.Local.EmitAsync("local", 2);
        Assert.Equal("42[\"local\",2]", await client.ReadEventAsync());
        Assert.Equal(position, client.Offset);
        await Waiting.Until(() => outlet.IsWritable);
        await a.Io.Volatile.EmitAsync("volatile", 3);
        Assert.Equal("42[\"volatile\",3]", await client.ReadEventAsync());
        Assert.Equal(position, client.Offset);
        await Waiting.Until(() => outlet.IsWritable);
        await a.SocketOf(client).Volatile.EmitAsync("volatile", 4);
        Assert.Equal("42[\"volatile\",4]", await client.ReadEventAsync());
        Assert.Equal(position, client.Offset);
    }

    [Fact]
    public async Task What_was_sent_to_this_node_alone_is_not_sent_again_to_a_client_that_comes_back()
    {
        await using var a = await StartAsync();
        using var client = await a.JoinAsync();
        await a.CutAsync(client);

        await a.Io.Local.EmitAsync("local", 1);
        await a.Io.EmitAsync("stored", 2);

        using var back = await a.ReturnAsync(client);
        Assert.Equal("42[\"stored\",2]", await back.ReadEventAsync());
        Assert.True(a.SocketOf(back).Recovered);
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task What_a_middleware_has_emitted_leaves_behind_the_answer_to_connect_and_its_rooms_and_data_go_to_other_nodes()
    {
        var a = await StartAsync(io => io.Use(async (socket, next) =>
        {
            await socket.EmitAsync("hello", 1);
            await socket.JoinAsync("room");
            socket.Data.Set("name", "Ada");
            await next();
        }));
        await using var b = await StartAsync();
        using var client = await a.JoinAsync();
        Assert.Equal("42[\"hello\",1]", await client.ReadEventAsync());
        Assert.Contains("room", a.SocketOf(client).Rooms);

        await a.DisposeAsync();
        await b.Io.To("room").EmitAsync("missed", 2);

        using var back = await b.ReturnAsync(client);
        Assert.Equal("42[\"missed\",2]", await back.ReadEventAsync());
        Assert.Equal("Ada", b.SocketOf(back).Data.Get<string>("name"));
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Rooms_that_a_middleware_joins_at_a_return_are_known_to_all_nodes()
    {
        await using var a = await StartAsync();
        var b = await StartAsync(io => io.Use(async (socket, next) =>
        {
            await socket.JoinAsync("returned");
            await socket.LeaveAsync("first");
            await next();
        }), recovery => recovery.SkipMiddlewares = false);
        using var client = await a.JoinAsync();
        await a.SocketOf(client).JoinAsync("first");

        using var back = await b.ReturnAsync(client);
        Assert.True(b.SocketOf(back).Recovered);
        await b.DisposeAsync();
        await a.Io.To("first").EmitAsync("not its own", 1);
        await a.Io.To("returned").EmitAsync("its own", 2);

        using var again = await a.ReturnAsync(back);
        Assert.Equal("42[\"its own\",2]", await again.ReadEventAsync());
        await again.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task What_a_middleware_has_emitted_before_it_refused_never_arrives()
    {
        await using var a = await StartAsync(io => io.Use(async (socket, _) =>
        {
            await socket.EmitAsync("never", 1);
            throw new ConnectRejectedException("no");
        }));
        using var client = await a.OpenAsync();

        await client.SendAsync("40");

        Assert.Equal("44{\"message\":\"no\"}", await client.ReadAsync());
        await client.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_session_that_nobody_comes_back_to_expires_once_and_on_all_nodes()
    {
        var expired = new ConcurrentQueue<string>();
        await using var a = await StartAsync(io => io.OnSessionExpired((session, reason) => expired.Enqueue($"a: {session.Id} {reason}")));
        await using var b = await StartAsync(io => io.OnSessionExpired((session, reason) => expired.Enqueue($"b: {session.Id} {reason}")));
        using var client = await a.JoinAsync();
        await a.CutAsync(client);

        a.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => !expired.IsEmpty);
        using var back = await b.ReturnAsync(client);

        Assert.NotEqual(client.Id, back.Id);
        Assert.Equal(RecoveryReason.UnknownSession, b.SocketOf(back).Recovery.Reason);
        Assert.Equal([$"a: {client.Id} TimedOut"], expired);
    }

    [Fact]
    public async Task Sessions_of_a_node_that_is_gone_are_ended_by_one_of_the_others()
    {
        var expired = new ConcurrentQueue<string>();
        void Watch(SocketIOServer io) => io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason} {session.Data.Get<string>("name")} {string.Join(',', session.Rooms.Order())}"));
        var a = await StartAsync();
        await using var b = await StartAsync(Watch);
        await using var c = await StartAsync(Watch);
        using var stays = await a.JoinAsync();
        using var returns = await a.JoinAsync();
        a.SocketOf(stays).Data.Set("name", "Ada");
        await a.SocketOf(stays).SaveAsync().Within();
        await a.SocketOf(stays).JoinAsync("~room");
        await a.DisposeAsync();
        foreach (var host in new[] { b, c })
            await Waiting.Until(() => IsOrphan(host, stays) && IsOrphan(host, returns));
        using var back = await c.ReturnAsync(returns);

        b.Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromSeconds(1));
        c.Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromSeconds(1));
        Assert.NotNull(b.SessionOf(stays));
        b.Time.Advance(TimeSpan.FromSeconds(1));
        c.Time.Advance(TimeSpan.FromSeconds(1));

        await Waiting.Until(() => !expired.IsEmpty && b.SessionOf(stays) is null && c.SessionOf(stays) is null);
        Assert.Equal([$"{stays.Id} TimedOut Ada {stays.Id},~room"], expired);
        Assert.True(c.SocketOf(back).Connected);
        Assert.NotNull(b.SessionOf(returns));
    }

    [Fact]
    public async Task Sessions_that_a_start_finds_and_whose_node_is_gone_have_their_time_from_then_on()
    {
        var a = await StartAsync();
        using var client = await a.JoinAsync();
        await a.DisposeAsync();
        var expired = new ConcurrentQueue<string>();
        await using var b = await StartAsync(io => io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason}")));
        Assert.True(IsOrphan(b, client));

        b.Time.Advance(TimeSpan.FromMinutes(2));

        await Waiting.Until(() => !expired.IsEmpty);
        Assert.Equal([$"{client.Id} TimedOut"], expired);
        using var back = await b.ReturnAsync(client);
        Assert.NotEqual(client.Id, back.Id);
    }

    [Fact]
    public async Task The_third_takeover_of_a_living_connection_starts_afresh_whatever_nodes_it_goes_back_and_forth_between()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var holder = await a.JoinAsync();
        foreach (var host in new[] { b, a })
        {
            var before = a.SessionOf(holder)!.LastContest;
            host.Time.Advance(1);
            a.Time.Advance(1);
            var next = await host.ReturnAsync(holder);
            Assert.Equal((holder.Id, holder.Pid), (next.Id, next.Pid));
            Assert.Equal("closed", await holder.ReadAsync());
            await holder.AnswerCloseAsync();
            await Waiting.Until(() => a.SessionOf(holder)!.LastContest != before);
            holder = next;
        }
        await b.Io.Recovery!.Road!.Log.CatchUpAsync(default).Within();

        using var third = await b.KnockAsync(holder);
        Assert.Equal("closed", await holder.ReadAsync());
        await holder.AnswerCloseAsync();
        await third.ReadConnectAsync();

        Assert.NotEqual(holder.Id, third.Id);
        await Waiting.Until(() => b.SocketOf(third) is { Connected: true });
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.ContestedSession, 0), b.SocketOf(third).Recovery);
        using var back = await a.ReturnAsync(holder);
        Assert.Equal(holder.Id, back.Id);
    }

    [Fact]
    public async Task A_dead_connection_on_another_node_is_taken_over_after_all_when_it_has_not_answered_for_two_seconds()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var holder = await a.JoinAsync();
        foreach (var _ in "12")
            await a.Io.Recovery!.CountContestAsync(a.SessionOf(holder)!).Within();
        await b.Io.Recovery!.Road!.Log.CatchUpAsync(default).Within();

        using var third = await b.KnockAsync(holder);
        await Waiting.Until(() => b.SessionOf(holder)!.Stage == SessionStage.Parked); // it has been taken, and its former connection is being asked
        await b.WhileTimePassesAsync(third.ReadConnectAsync().ContinueWith(_ => true, TaskScheduler.Default));

        Assert.Equal((holder.Id, holder.Pid), (third.Id, third.Pid));
    }

    [Fact]
    public async Task Questions_that_wait_for_a_client_that_has_gone_to_another_node_fail_and_new_ones_are_asked_there()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync(io => io.OnConnection(socket => socket.On("ping", () => "pong")));
        using var former = await a.JoinAsync();
        var asked = a.SocketOf(former).Timeout(TimeSpan.FromDays(1)).EmitWithAckAsync<int>("question");
        Assert.EndsWith("[\"question\"]", await former.ReadAsync(), StringComparison.Ordinal);

        using var back = await b.ReturnAsync(former);

        await Assert.ThrowsAsync<SocketDisconnectedException>(() => asked).Within();
        // And when it has come back here, it is asked as if nothing had been.
        using var again = await a.ReturnAsync(back);
        var next = a.SocketOf(again).EmitWithAckAsync<int>("next");
        await again.SendAsync(Peer.Answer(await again.ReadAsync(), "7"));
        Assert.Equal(7, await next.Within());
    }

    [Fact]
    public async Task Data_that_were_changed_outside_of_a_handler_and_saved_are_known_to_all_nodes()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var client = await a.JoinAsync();

        a.SocketOf(client).Data.Set("name", "Ada");
        await a.SocketOf(client).SaveAsync().Within();

        await b.Io.Recovery!.Road!.Log.CatchUpAsync(default).Within();
        Assert.Equal("Ada", b.SessionOf(client)!.Data.Get<string>("name"));
    }

    private static bool IsOrphan(SocketHost host, Peer peer)
    {
        lock (host.Store.Log.Gate)
            return host.SessionOf(peer) is { Lease.Orphaned: not null };
    }

    private Task<SocketHost> StartAsync(Action<SocketIOServer>? configure = null, Action<ConnectionStateRecoveryOptions>? recovery = null) =>
        RecoveryHost.StartAsync(configure, recovery, services: services => services.AddSingleton(_ => Join()));
}

/// <summary>In memory, in one process.</summary>
public sealed class LoopbackTests : SharedLogTests
{
    private readonly LoopbackLog _log = new();

    private protected override ISharedLog Join() => _log.Join();
}

/// <summary>In the files of a folder.</summary>
public sealed class SharedFolderNodesTests : SharedLogTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-").FullName;

    private protected override ISharedLog Join() => new FileLog(new FileLogOptions { Folder = _folder, ApplicationName = static () => "test" });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
