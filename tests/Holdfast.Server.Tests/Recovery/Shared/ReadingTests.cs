using System.Collections.Concurrent;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

// A node that is behind the others, or that can't read everything, or that begins late: what it still knows, and what it must not promise.
public class ReadingTests
{
    private readonly LoopbackLog _log = new();

    [Fact]
    public async Task A_client_that_comes_to_a_node_that_is_behind_waits_until_that_knows_its_session_and_what_it_has_seen()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        b.Log.Hold();
        using var former = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await former.ReadEventAsync());

        using var back = await b.Host.KnockAsync(former);
        await back.SendAsync("40/nowhere");
        Assert.Equal("44/nowhere,{\"message\":\"Invalid namespace\"}", await back.ReadAsync()); // other packets go on
        b.Log.GoOn();

        await back.ReadConnectAsync();
        Assert.Equal(former.Id, back.Id);
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_node_that_was_stopped_ends_no_session_that_has_gone_elsewhere_meanwhile()
    {
        var expired = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason}")));
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var former = await a.Host.JoinAsync();
        await a.Host.CutAsync(former);
        await a.CatchUpAsync().Within();
        a.Log.Hold();
        using var back = await b.Host.ReturnAsync(former);

        a.Host.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => _log.CountOf(LogRecordKind.End) == 1);
        a.Log.GoOn();
        await a.CatchUpAsync().Within();
        await b.CatchUpAsync().Within();

        await b.Io.To(former.Id).EmitAsync("still there", 1).Within();
        Assert.Equal("42[\"still there\",1]", await back.ReadEventAsync());
        Assert.Empty(expired);
        Assert.NotNull(a.Host.SessionOf(former));
    }

    [Fact]
    public async Task A_node_that_was_stopped_tells_of_no_session_that_it_waits_when_its_client_is_elsewhere()
    {
        var told = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io =>
        {
            io.OnConnection(socket => socket.OnDisconnect(reason => told.Enqueue($"disconnect {socket.Id}")));
            io.OnSessionParked((session, _) => told.Enqueue($"parked {session.Id}"));
        });
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var moved = await a.Host.JoinAsync();
        using var stays = await a.Host.JoinAsync();
        a.Log.Hold();
        using var back = await b.Host.ReturnAsync(moved);

        await a.Host.CutAsync(moved);
        await Waiting.Until(() => told.Count == 1);
        await a.Host.CutAsync(stays);
        await Waiting.Until(() => told.Count == 2);
        Assert.Equal([$"disconnect {moved.Id}", $"disconnect {stays.Id}"], told);
        a.Log.GoOn();
        await a.CatchUpAsync().Within();
        await Waiting.Until(() => told.Count >= 3);
        Assert.Equal([$"disconnect {moved.Id}", $"disconnect {stays.Id}", $"parked {stays.Id}"], told);
    }

    [Fact]
    public async Task That_a_session_waits_is_told_before_its_return_and_its_end_and_also_when_the_log_is_away()
    {
        var told = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.Record(told.Enqueue));
        using var client = await a.Host.JoinAsync();
        await Waiting.Until(() => told.Count == 1);
        a.Log.Hold();

        await a.Host.CutAsync(client);
        await Waiting.Until(() => told.Count == 2);
        var returning = a.Host.KnockAsync(client);
        a.Log.GoOn();
        using var back = await returning;
        await back.ReadConnectAsync();
        await Waiting.Until(() => told.Count == 5);
        a.Log.IsAway = true;
        await a.Host.CutAsync(back);
        await Waiting.Until(() => told.Count == 7);
        a.Log.IsAway = false;
        a.Host.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => told.Count == 8);

        Assert.Equal(
            ["connection", "disconnect: transport close", "parked: transport close", "resumed: Recovered", "connection", "disconnect: transport close", "parked: transport close", "expired: TimedOut"],
            told);
    }

    [Fact]
    public async Task Emits_to_one_socket_wait_for_room_for_what_is_on_its_way_to_it_as_well()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), options: options => options.OutboxLimit = 4096);
        using var client = await a.Host.JoinAsync();
        var (socket, text) = (a.Host.SocketOf(client), new string('x', 1500));
        a.Log.Hold();

        var emits = Enumerable.Range(0, 20).Select(i => socket.EmitAsync("e", i, text)).ToArray();
        using var cancelled = new CancellationTokenSource();
        var given = socket.EmitAsync("given up", text, cancelled.Token);
        await cancelled.CancelAsync();
        var last = socket.EmitAsync("last", 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given).Within();
        Assert.Equal(3, _log.CountOf(LogRecordKind.Event));
        a.Log.GoOn();

        for (var i = 0; i < emits.Length; i++)
            Assert.Equal($"42[\"e\",{i},\"{text}\"]", await client.ReadEventAsync());
        Assert.Equal("42[\"last\",1]", await client.ReadEventAsync());
        await Task.WhenAll([.. emits, last]).Within();
        Assert.True(socket.Connected);
    }

    [Fact]
    public async Task Emits_to_one_socket_that_found_room_have_it_when_they_come_whatever_has_come_before_them()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), options: options => options.OutboxLimit = 4096);
        using var client = await a.Host.JoinAsync();
        var (socket, large) = (a.Host.SocketOf(client), new string('x', 20_000_000)); // more than sockets and pipes hold
        a.Log.Hold();

        var broadcast = a.Io.EmitAsync("large", large);
        var emits = Enumerable.Range(0, 3).Select(i => socket.EmitAsync("e", i)).ToArray();
        a.Log.GoOn();
        await Task.WhenAll([broadcast, .. emits]).Within();

        Assert.Equal($"42[\"large\",\"{large}\"]", await client.ReadEventAsync());
        for (var i = 0; i < emits.Length; i++)
            Assert.Equal($"42[\"e\",{i}]", await client.ReadEventAsync());
    }

    [Fact]
    public async Task Emits_that_wait_for_room_go_into_the_log_in_order_when_the_connection_is_lost_and_before_the_end_when_it_is_ended()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), options: options => options.OutboxLimit = 4096);
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var lost = await a.Host.JoinAsync();
        using var ended = await a.Host.JoinAsync();
        var (lostSocket, endedSocket, text) = (a.Host.SocketOf(lost), a.Host.SocketOf(ended), new string('x', 1500));
        a.Log.Hold();
        var emits = Enumerable.Range(0, 10).SelectMany(i => new[] { lostSocket.EmitAsync("e", i, text), endedSocket.EmitAsync("e", i, text) }).ToArray();
        var end = endedSocket.DisconnectAsync();

        await a.Host.CutAsync(lost);
        a.Log.GoOn();
        await Task.WhenAll([.. emits, end]).Within();

        for (var i = 0; i < 10; i++)
            Assert.Equal($"42[\"e\",{i},\"{text}\"]", await ended.ReadEventAsync());
        Assert.Equal("41", await ended.ReadAsync());
        using var back = await b.Host.ReturnAsync(lost);
        for (var i = 0; i < 10; i++)
            Assert.Equal($"42[\"e\",{i},\"{text}\"]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_snapshot_that_was_on_its_way_does_not_take_back_a_room_that_another_node_has_given()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.OnConnection(socket => socket.On("do", () => SetName(socket))));
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Log.Hold();
        await b.Io.In(client.Id).SocketsJoinAsync("room").Within();
        await client.SendAsync("420[\"do\"]");
        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 2);

        a.Log.Die();
        await b.Io.To("room").EmitAsync("missed", 1).Within();

        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        Assert.Equal("Ada", b.Host.SocketOf(back).Data.Get<string>("name"));
    }

    [Fact]
    public async Task A_snapshot_that_was_on_its_way_does_not_undo_a_kick()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.OnConnection(socket => socket.On("do", () => SetName(socket))));
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Log.Hold();
        await b.Io.In(client.Id).DisconnectSocketsAsync().Within();
        await client.SendAsync("420[\"do\"]");
        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 2);

        a.Log.Die();
        using var back = await b.Host.ReturnAsync(client);

        Assert.NotEqual(client.Id, back.Id);
        await using var c = await LoopbackHost.StartAsync(_log.Join());
        using var elsewhere = await c.Host.ReturnAsync(client);
        Assert.NotEqual(client.Id, elsewhere.Id);
    }

    [Fact]
    public async Task Sessions_stay_in_a_log_that_forgets_what_is_old()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), recovery: recovery => recovery.MaxDisconnectionDuration = TimeSpan.FromMinutes(10));
        using var client = await a.Host.JoinAsync();
        using var parked = await a.Host.JoinAsync();
        await a.Host.SocketOf(client).JoinAsync("room");
        await a.Host.CutAsync(parked);
        await a.CatchUpAsync().Within();
        var before = _log.CountOf(LogRecordKind.Session);

        a.Host.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(before, _log.CountOf(LogRecordKind.Session));
        _log.Trim();
        // Half of the five minutes that this log keeps.
        a.Host.Time.Advance(TimeSpan.FromSeconds(49));
        await a.Host.WhileTimePassesAsync(WrittenAsync());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        a.Log.Die();
        await b.Io.To("room").EmitAsync("missed", 1).Within();

        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        Assert.True(b.Host.SocketOf(back).Recovered);
        using var other = await b.Host.ReturnAsync(parked);
        Assert.True(b.Host.SocketOf(other).Recovered);

        async Task<bool> WrittenAsync()
        {
            await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 2);
            return true;
        }
    }

    [Fact]
    public async Task Sessions_are_written_again_when_much_has_been_written_since()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(span: 100_000));
        using var client = await a.Host.JoinAsync();

        for (var i = 0; i < 60; i++)
            await a.Io.To("nobody").EmitAsync("e", new string('x', 1000)).Within();
        a.Host.Time.Advance(TimeSpan.FromSeconds(1));

        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 2);
    }

    [Fact]
    public async Task A_session_that_has_come_from_another_node_is_written_by_its_new_one()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var former = await a.Host.JoinAsync();
        using var back = await b.Host.ReturnAsync(former);
        await b.CatchUpAsync().Within();
        Assert.Equal(1, _log.CountOf(LogRecordKind.Session));

        b.Host.Time.Advance(TimeSpan.FromSeconds(1));

        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 2);
    }

    [Fact]
    public async Task A_node_that_has_not_read_everything_closes_what_lives_there_sends_nothing_of_what_follows_and_says_so_at_the_return()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join()); // which has, and knows that nobody has been sent away
        using var client = await a.Host.JoinAsync();
        using var parked = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await client.ReadEventAsync());
        Assert.Equal("42[\"seen\",1]", await parked.ReadEventAsync());
        await a.Host.CutAsync(parked);
        a.Log.Hold();
        var lost = a.Io.EmitAsync("lost", 2);
        a.Log.LoseTheRest();
        var behind = a.Io.EmitAsync("behind", 3);
        a.Log.GoOn();
        await behind.Within();
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => lost).Within()).OutcomeUnknown);

        Assert.Equal("closed", await client.ReadAsync());
        foreach (var former in new[] { client, parked })
        {
            using var back = await a.Host.ReturnAsync(former);
            Assert.Equal(former.Id, back.Id);
            Assert.NotEqual(former.Pid, back.Pid);
            Assert.Equal(new RecoveryResult(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), a.Host.SocketOf(back).Recovery);
            await back.AssertNothingMoreAsync();
        }
    }

    [Fact]
    public async Task A_kick_that_this_node_has_not_read_holds_here_as_well()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var kicked = await a.Host.JoinAsync();
        using var other = await a.Host.JoinAsync();
        a.Log.Hold();
        await b.Io.In(kicked.Id).DisconnectSocketsAsync().Within();
        await LoseAsync(a, b);

        using var fresh = await a.Host.ReturnAsync(kicked);
        Assert.NotEqual(kicked.Id, fresh.Id);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), a.Host.SocketOf(fresh).Recovery);
        using var back = await a.Host.ReturnAsync(other);
        Assert.Equal(other.Id, back.Id);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), a.Host.SocketOf(back).Recovery);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rooms_that_this_node_has_not_read_of_are_those_of_a_client_that_comes_back_here(bool lived)
    {
        var changes = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await (lived ? a : b).Host.JoinAsync();
        await b.Io.In(client.Id).SocketsJoinAsync(["left", "stayed"]).Within();
        await a.CatchUpAsync().Within();
        a.Io.Sockets.OnJoinRoom((room, _) => changes.Enqueue("+" + room)).OnLeaveRoom((room, _) => changes.Enqueue("-" + room));
        a.Log.Hold();
        await b.Io.In(client.Id).SocketsLeaveAsync("left").Within();
        await b.Io.In(client.Id).SocketsJoinAsync("joined").Within();
        await LoseAsync(a, b);

        using var back = await a.Host.ReturnAsync(client);
        Assert.Equal((client.Id, RecoveryOutcome.StateOnly), (back.Id, a.Host.SocketOf(back).Recovery.Outcome));
        Assert.Equal(["joined", "stayed"], a.Host.SocketOf(back).Rooms.Where(room => room != client.Id).Order());
        if (lived)
            await Waiting.Until(() => changes.Order(StringComparer.Ordinal).SequenceEqual(["+joined", "-left"]));
        await b.Io.To("left").EmitAsync("not its own", 1).Within();
        await b.Io.To("joined").EmitAsync("its own", 2).Within();
        Assert.Equal("42[\"its own\",2]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Nobody_gets_a_session_back_of_which_no_node_can_say_that_it_was_not_ended()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var first = await a.Host.JoinAsync();
        using var second = await a.Host.JoinAsync();
        using var third = await a.Host.JoinAsync();
        await b.CatchUpAsync().Within();
        a.Log.Hold();
        await b.Io.EmitAsync("lost", 1).Within();
        await LoseAsync(a, b);

        // The only one who could say so is stopped,
        b.Log.Hold();
        var knocking = a.Host.KnockAsync(first);
        using var fresh = await knocking;
        await a.Host.WhileTimePassesAsync(fresh.ReadConnectAsync().ContinueWith(_ => true, TaskScheduler.Default));
        Assert.NotEqual(first.Id, fresh.Id);
        // has not read everything either,
        b.Log.LoseTheRest();
        b.Log.GoOn();
        await b.Io.EmitAsync("read by all", 2).Within();
        using var alsoFresh = await a.Host.ReturnAsync(second);
        Assert.NotEqual(second.Id, alsoFresh.Id);
        // or is gone.
        b.Log.Die();
        using var fresh3 = await a.Host.ReturnAsync(third);
        Assert.NotEqual(third.Id, fresh3.Id);
        // What has begun since is whole.
        using var back = await a.Host.ReturnAsync(fresh3);
        Assert.True(a.Host.SocketOf(back).Recovered);
    }

    [Fact]
    public async Task A_session_whose_own_node_has_told_of_it_since_needs_nobody_elses_word()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await b.Host.JoinAsync();
        a.Log.Hold();
        await b.Io.In(client.Id).SocketsJoinAsync("room").Within();
        await LoseAsync(a, b);
        await b.Host.SocketOf(client).SaveAsync().Within();
        await a.CatchUpAsync().Within();
        b.Log.Die();

        using var back = await a.Host.ReturnAsync(client);
        Assert.Equal((client.Id, RecoveryOutcome.StateOnly), (back.Id, a.Host.SocketOf(back).Recovery.Outcome));
        Assert.Contains("room", a.Host.SocketOf(back).Rooms);
    }

    [Fact]
    public async Task A_record_that_this_node_can_not_read_is_as_if_it_were_lost()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();

        await _log.Join().AppendAsync(LogRecordKind.Rooms, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 200 });

        Assert.Equal("closed", await client.ReadAsync());
        using var back = await a.Host.ReturnAsync(client);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), a.Host.SocketOf(back).Recovery);
        await a.Io.EmitAsync("goes on", 1).Within();
        Assert.Equal("42[\"goes on\",1]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task A_client_of_a_node_that_has_not_read_everything_misses_nothing_on_one_that_has()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await client.ReadEventAsync());
        a.Log.Hold();
        await b.Io.In(client.Id).SocketsJoinAsync("room").Within();
        await b.Io.EmitAsync("lost", 2).Within();
        a.Log.LoseTheRest();
        await b.Io.EmitAsync("behind", 3).Within();
        a.Log.GoOn();
        Assert.Equal("closed", await client.ReadAsync());

        using var back = await b.Host.ReturnAsync(client);
        Assert.True(b.Host.SocketOf(back).Recovered);
        Assert.Contains("room", b.Host.SocketOf(back).Rooms);
        Assert.Equal("42[\"lost\",2]", await back.ReadEventAsync());
        Assert.Equal("42[\"behind\",3]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task A_node_that_has_not_read_who_took_a_session_learns_it_from_its_new_owner()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var former = await a.Host.JoinAsync();
        await a.Host.CutAsync(former);
        await a.CatchUpAsync().Within();
        a.Log.Hold();
        using var back = await b.Host.ReturnAsync(former);
        a.Log.LoseTheRest();
        a.Log.GoOn();
        await a.CatchUpAsync().Within();

        b.Host.Time.Advance(TimeSpan.FromSeconds(1));
        await Waiting.Until(() => StageAt(a, former) == SessionStage.Away);
        a.Host.Time.Advance(TimeSpan.FromMinutes(2));
        await b.CatchUpAsync().Within();

        Assert.True(b.Host.SocketOf(back).Connected);
        Assert.NotNull(b.Host.SessionOf(former));
    }

    [Fact]
    public async Task When_the_end_of_the_log_may_be_lost_its_sessions_come_back_without_events_and_are_told()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Host.SocketOf(client).Data.Set("name", "Ada");
        await a.Host.CutAsync(client);
        a.Log.Die();
        _log.BeginEpoch(tailMayBeLost: true);

        using var back = await b.Host.ReturnAsync(client);

        Assert.Equal(client.Id, back.Id);
        Assert.NotEqual(client.Pid, back.Pid);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.StateOnly, RecoveryReason.TailLost, 0), b.Host.SocketOf(back).Recovery);
        Assert.Equal("Ada", b.Host.SocketOf(back).Data.Get<string>("name"));
        // What begins now is whole again.
        using var again = await b.Host.ReturnAsync(back);
        Assert.True(b.Host.SocketOf(again).Recovered);
    }

    [Fact]
    public async Task A_client_that_saw_what_was_lost_is_told_so_once_also_when_it_is_cut_before_it_gets_anything_new()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await client.ReadEventAsync());
        client.Offset = client.Offset![..9] + "zzzzzzzzzz"; // of an event that stood behind the end
        a.Log.Die();
        _log.BeginEpoch(tailMayBeLost: false);

        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.StateOnly, RecoveryReason.TailLost, 0), b.Host.SocketOf(back).Recovery);
        Assert.Equal(client.Offset, back.Offset);
        await b.Host.CutAsync(back);
        await b.Io.EmitAsync("missed", 2).Within();

        using var again = await b.Host.ReturnAsync(back);

        Assert.True(b.Host.SocketOf(again).Recovered);
        Assert.Equal("42[\"missed\",2]", await again.ReadEventAsync());
    }

    [Fact]
    public async Task A_new_life_of_a_log_that_has_lost_nothing_changes_nothing()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await client.ReadEventAsync());
        a.Log.Die();
        _log.BeginEpoch(tailMayBeLost: false);
        await b.Io.EmitAsync("missed", 2).Within();

        using var back = await b.Host.ReturnAsync(client);

        Assert.True(b.Host.SocketOf(back).Recovered);
        Assert.Equal("42[\"missed\",2]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    /// <summary>What the first has not read yet it never does; and it has noticed.</summary>
    private static async Task LoseAsync(LoopbackHost node, LoopbackHost other)
    {
        node.Log.LoseTheRest();
        await other.Io.To("nobody").EmitAsync("behind", 1).Within();
        node.Log.GoOn();
        await node.CatchUpAsync().Within();
    }

    private static int SetName(ServerSocket socket)
    {
        socket.Data.Set("name", "Ada");
        return 1;
    }

    private static SessionStage? StageAt(LoopbackHost node, Peer peer)
    {
        lock (node.Host.Store.Log.Gate)
            return node.Host.SessionOf(peer)?.Stage;
    }
}
