using System.Collections.Concurrent;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

// The log can't take anything, as when the disk is full: nobody loses a connection for it, whoever wants something written is told, and it heals.
public class AwayLogTests
{
    private readonly LoopbackLog _log = new();

    [Fact]
    public async Task Emits_and_joins_fail_the_connection_lives_on_and_everything_heals()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        var socket = a.Host.SocketOf(client);

        a.Log.IsAway = true;
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => a.Io.EmitAsync("lost", 1)).Within();
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => socket.EmitAsync("lost", 2)).Within();
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => socket.JoinAsync("room")).Within();
        await Assert.ThrowsAsync<RecoveryUnavailableException>(socket.SaveAsync).Within();
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => a.Io.DisconnectSocketsAsync()).Within();
        await a.Io.Local.EmitAsync("here", 3).Within();
        a.Log.IsAway = false;
        await a.Io.To("room").EmitAsync("not its own", 4).Within();
        await socket.JoinAsync("room").Within();
        await a.Io.To("room").EmitAsync("its own", 5).Within();

        Assert.Equal("42[\"here\",3]", await client.ReadEventAsync());
        Assert.Equal("42[\"its own\",5]", await client.ReadEventAsync());
        Assert.True(socket.Connected);
        await client.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_client_that_comes_meanwhile_is_refused_with_a_word_and_let_in_when_it_comes_again()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        using var former = await a.Host.JoinAsync();
        await a.Host.CutAsync(former);

        a.Log.IsAway = true;
        using var client = await a.Host.OpenAsync();
        await client.SendAsync("40");
        Assert.Equal("44{\"message\":\"Service unavailable\"}", await client.ReadAsync());
        using var early = await a.Host.KnockAsync(former);
        Assert.Equal("44{\"message\":\"Service unavailable\"}", await early.ReadAsync());
        a.Log.IsAway = false;

        await client.SendAsync("40");
        await client.ReadConnectAsync();
        using var back = await a.Host.ReturnAsync(former);
        Assert.Equal(former.Id, back.Id);
        Assert.True(a.Host.SocketOf(back).Recovered);
    }

    [Fact]
    public async Task A_client_whose_session_can_not_be_looked_for_is_refused_and_does_not_wait_for_ever()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        using var former = await a.Host.JoinAsync();
        a.Log.Hold();
        _ = a.Io.EmitAsync("on its way", 1);

        using var client = await a.Host.KnockAsync(former);
        Assert.Equal("44{\"message\":\"Service unavailable\"}", await a.Host.WhileTimePassesAsync(client.ReadAsync()));
        a.Log.GoOn();
    }

    [Fact]
    public async Task An_event_that_may_be_in_the_log_all_the_same_arrives_once_and_its_sender_is_told_that_nobody_can_say()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();

        a.Log.IsUnsure = true;
        var unsure = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => a.Io.EmitAsync("perhaps", 1)).Within();
        a.Log.IsUnsure = false;
        await a.Io.EmitAsync("surely", 2).Within();

        Assert.True(unsure.OutcomeUnknown);
        Assert.Equal("42[\"perhaps\",1]", await client.ReadEventAsync());
        Assert.Equal("42[\"surely\",2]", await client.ReadEventAsync());
        await client.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_session_that_was_claimed_or_not_waits_for_its_client_all_the_same_and_expires()
    {
        var expired = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join(), io => io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason}")));
        using var former = await a.Host.JoinAsync();
        using var other = await a.Host.JoinAsync();

        b.Log.IsUnsure = true;
        foreach (var client in new[] { former, other })
        {
            using var refused = await b.Host.KnockAsync(client);
            Assert.Equal("44{\"message\":\"Service unavailable\"}", await refused.ReadAsync());
        }
        b.Log.IsUnsure = false;
        await a.Io.EmitAsync("missed", 1).Within();

        using var back = await b.Host.ReturnAsync(former);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
        b.Host.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => !expired.IsEmpty);
        Assert.Equal([$"{other.Id} TimedOut"], expired);
    }

    [Fact]
    public async Task A_session_that_perhaps_began_is_nobodys()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());

        a.Log.IsUnsure = true;
        using var client = await a.Host.OpenAsync();
        await client.SendAsync("40");
        Assert.Equal("44{\"message\":\"Service unavailable\"}", await client.ReadAsync());
        a.Log.IsUnsure = false;

        await Waiting.Until(() => _log.CountOf(LogRecordKind.End) == 1);
        await b.CatchUpAsync().Within();
        Assert.Empty(SessionsOf(b));
        await a.CatchUpAsync().Within();
        Assert.Empty(SessionsOf(a));
    }

    [Fact]
    public async Task What_became_of_sessions_meanwhile_is_written_when_the_log_is_back()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var left = await a.Host.JoinAsync();
        using var changed = await a.Host.JoinAsync();

        a.Log.IsAway = true;
        await left.SendAsync("41");
        await Waiting.Until(() => a.Host.SessionOf(left) is null);
        a.Host.SocketOf(changed).Data.Set("name", "Ada");
        await a.Host.CutAsync(changed);
        a.Host.Time.Advance(TimeSpan.FromSeconds(1));
        a.Log.IsAway = false;
        await a.Host.WhileTimePassesAsync(WrittenAsync());

        a.Log.Die();
        using var back = await b.Host.ReturnAsync(changed);
        Assert.Equal("Ada", b.Host.SocketOf(back).Data.Get<string>("name"));
        using var fresh = await b.Host.ReturnAsync(left);
        Assert.NotEqual(left.Id, fresh.Id);

        async Task<bool> WrittenAsync()
        {
            // The two that begin, and one that parks.
            await Waiting.Until(() => _log.CountOf(LogRecordKind.End) == 1 && _log.CountOf(LogRecordKind.Session) >= 3);
            return true;
        }
    }

    [Fact]
    public async Task A_session_whose_end_could_not_be_written_expires_when_its_time_has_come_once_more()
    {
        var expired = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason}")));
        using var client = await a.Host.JoinAsync();
        await a.Host.CutAsync(client);

        a.Log.IsAway = true;
        a.Host.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(a.Host.SessionOf(client));
        a.Log.IsAway = false;
        a.Host.Time.Advance(TimeSpan.FromMinutes(2));

        await Waiting.Until(() => !expired.IsEmpty);
        Assert.Equal([$"{client.Id} TimedOut"], expired);
    }

    [Fact]
    public async Task A_record_that_is_too_large_fails_alone()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(mostBytes: 1000));
        using var client = await a.Host.JoinAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => a.Io.EmitAsync("large", new string('x', 1000))).Within();
        await a.Io.EmitAsync("small", 1).Within();

        Assert.Equal("42[\"small\",1]", await client.ReadEventAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_has_lost_what_its_middleware_has_emitted_ends_everywhere_when_that_can_be_written_and_its_client_starts_afresh(bool isTooLarge)
    {
        var told = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(mostBytes: 1000), io =>
        {
            io.Use(async (socket, next) =>
            {
                if (told.IsEmpty)
                    await socket.EmitAsync("welcome", new string('x', isTooLarge ? 1000 : 1));
                await next();
            });
            io.Record(told.Enqueue);
        });
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        a.Host.ExpectedComplaints = 1;
        using var client = await a.Host.OpenAsync();

        a.Log.Hold();
        await client.SendAsync("40");
        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 1);
        a.Log.IsAway = true;
        a.Log.GoOn();
        await client.ReadConnectAsync();
        await Waiting.Until(() => a.Host.Complaints.Count == 1);
        Assert.Contains("What a middleware of / has emitted or joined could not be written", Assert.Single(a.Host.Complaints), StringComparison.Ordinal);
        await client.AssertNothingMoreAsync();
        a.Log.IsAway = false;
        Assert.Equal("closed", await a.Host.WhileTimePassesAsync(client.ReadAsync()));
        await Waiting.Until(() => told.Count == 3);

        Assert.Equal(["connection", "disconnect: transport error", "expired: Disconnected"], told);
        foreach (var node in new[] { a, b })
        {
            using var back = await node.Host.ReturnAsync(client);
            Assert.NotEqual(client.Id, back.Id);
            Assert.Equal(new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), node.Host.SocketOf(back).Recovery);
        }
    }

    [Fact]
    public async Task Such_a_session_ends_also_where_its_client_has_gone_meanwhile()
    {
        var expired = new ConcurrentQueue<string>();
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io =>
        {
            io.Use(async (socket, next) =>
            {
                await socket.EmitAsync("welcome");
                await next();
            });
            io.OnSessionExpired((session, reason) => expired.Enqueue($"{session.Id} {reason}"));
        });
        await using var b = await LoopbackHost.StartAsync(_log.Join(), io => io.OnSessionExpired((session, reason) => expired.Enqueue($"not b: {session.Id}")));
        a.Host.ExpectedComplaints = 1;
        using var client = await a.Host.OpenAsync();

        a.Log.Hold();
        await client.SendAsync("40");
        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 1);
        a.Log.IsAway = true;
        a.Log.GoOn();
        await client.ReadConnectAsync();
        await Waiting.Until(() => a.Host.Complaints.Count == 1);
        using var moved = await b.Host.ReturnAsync(client);
        Assert.Equal(client.Id, moved.Id);
        a.Log.IsAway = false;
        Assert.Equal("closed", await a.Host.WhileTimePassesAsync(moved.ReadAsync()));

        using var back = await b.Host.ReturnAsync(client);
        Assert.NotEqual(client.Id, back.Id);
        await Waiting.Until(() => !expired.IsEmpty);
        Assert.Equal([$"{client.Id} Disconnected"], expired);
    }

    [Fact]
    public async Task A_room_that_a_middleware_joins_too_late_for_the_record_is_joined_behind_it_or_the_session_ends()
    {
        ServerSocket? first = null;
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io => io.Use((socket, next) =>
        {
            first ??= socket;
            return next();
        }));
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        a.Host.ExpectedComplaints = 1;
        using var client = await a.Host.OpenAsync();

        a.Log.Hold();
        await client.SendAsync("40");
        await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) == 1);
        await first!.JoinAsync("room").Within();
        a.Log.IsAway = true;
        a.Log.GoOn();
        await client.ReadConnectAsync();
        await Waiting.Until(() => a.Host.Complaints.Count == 1);
        a.Log.IsAway = false;
        Assert.Equal("closed", await a.Host.WhileTimePassesAsync(client.ReadAsync()));

        using var back = await b.Host.ReturnAsync(client);
        Assert.NotEqual(client.Id, back.Id);
    }

    private static Session[] SessionsOf(LoopbackHost node)
    {
        lock (node.Host.Store.Log.Gate)
            return node.Host.Store.Sessions.All();
    }
}
