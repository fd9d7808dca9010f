using System.Collections.Concurrent;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// What the application is told about sessions: each exactly once, and in order.
public class SessionEventTests
{
    private readonly ConcurrentQueue<string> _log = new();

    [Fact]
    public async Task W28_parked_resumed_parked_expired()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        await host.CutAsync(back);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => _log.Count >= 8);
        host.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(
            ["connection", "disconnect: R", "parked: R", "resumed: Recovered", "connection", "disconnect: R", "parked: R", "expired: TimedOut"],
            _log.Select(entry => entry.Replace("transport close", "R", StringComparison.Ordinal).Replace("transport error", "R", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task W28_without_recovery_expired_follows_each_disconnection_and_nothing_parks()
    {
        await using var host = await SocketHost.StartAsync(io => io.Record(_log.Enqueue));
        using (var left = await host.ConnectAsync())
            await left.SendAsync("41");
        await Waiting.Until(() => _log.Count == 3);
        using (await host.ConnectAsync())
        {
        }
        await Waiting.Until(() => _log.Count == 6);
        Assert.Equal(["connection", "disconnect: client namespace disconnect", "expired: Disconnected", "connection"], _log.Take(4));
        Assert.Equal("expired: Disconnected", _log.Last());
    }

    [Fact]
    public async Task A_session_tells_who_it_was_when_it_waits_and_when_it_is_over()
    {
        SocketSession? parked = null, expired = null;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(io =>
        {
            io.OnConnection(socket => socket.OnDisconnecting(_ => socket.JoinAsync("at the last moment")));
            io.OnSessionParked((session, _) => parked = session);
            io.OnSessionExpired((session, _) =>
            {
                expired = session;
                over.SetResult();
            });
        });
        using var peer = await host.JoinAsync("&user=ada");
        host.SocketOf(peer).Data.Set("name", "Ada");
        await host.SocketOf(peer).JoinAsync("room");
        await host.CutAsync(peer);
        await Waiting.Until(() => parked is not null);
        Assert.True(parked!.IsParked);
        Assert.Equal((peer.Id, "/", "Ada", "ada"), (parked.Id, parked.Namespace, parked.Data.Get<string>("name"), parked.User.Claims.Single().Value));
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await over.Task.Within();
        Assert.False(expired!.IsParked);
        Assert.Equal("Ada", expired.Data.Get<string>("name"));
        Assert.Equal(["at the last moment", "room", peer.Id], expired.Rooms.OrderBy(room => room == peer.Id).ThenBy(room => room, StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_handlers_of_the_old_socket_are_done_before_those_of_the_new_one_begin()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(io =>
        {
            io.OnConnection(socket =>
            {
                _log.Enqueue("connection");
                socket.On("e", (int n) => _log.Enqueue($"event {n}"));
                socket.OnDisconnect(async _ =>
                {
                    _log.Enqueue("disconnect begins");
                    await gate.Task;
                    _log.Enqueue("disconnect ends");
                });
            });
            io.OnSessionParked((_, _) => _log.Enqueue("parked"));
            io.OnSessionResumed(_ => _log.Enqueue("resumed"));
        });
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        await back.SendAsync("42[\"e\",1]");
        await back.AssertNothingMoreAsync();
        await Waiting.Until(() => _log.Count >= 2);
        Assert.Equal(["connection", "disconnect begins"], _log);
        gate.SetResult();
        await Waiting.Until(() => _log.Count == 7);
        Assert.Equal(["connection", "disconnect begins", "disconnect ends", "parked", "resumed", "connection", "event 1"], _log);
    }

    [Fact]
    public async Task A_session_that_had_to_go_for_another_one_says_so()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnSessionExpired((session, reason) => _log.Enqueue($"{session.Id} {reason}")), options => options.MaxParkedSessions = 1);
        using var first = await host.JoinAsync();
        using var second = await host.JoinAsync();
        await host.CutAsync(first);
        await host.CutAsync(second);
        await Waiting.Until(() => !_log.IsEmpty);
        Assert.Equal([$"{first.Id} Evicted"], _log);
        using var back = await host.ReturnAsync(second);
        Assert.Equal(second.Pid, back.Pid);
        using var fresh = await host.ReturnAsync(first);
        Assert.NotEqual(first.Pid, fresh.Pid);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_and_the_others_run()
    {
        await using var host = await RecoveryHost.StartAsync(io =>
        {
            io.OnSessionParked((_, _) => throw new InvalidOperationException("parked"));
            io.OnSessionResumed(_ => throw new InvalidOperationException("resumed"));
            io.OnSessionExpired((_, _) => throw new InvalidOperationException("expired"));
            io.Record(_log.Enqueue);
        });
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        await back.SendAsync("41");
        await Waiting.Until(() => _log.Contains("expired: Disconnected"));
        Assert.Equal(7, _log.Count);
        host.ExpectedComplaints = 3;
    }

    [Fact]
    public async Task When_the_host_stops_sessions_park_and_do_not_expire()
    {
        var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        var stopped = host.StopAsync();
        Assert.Equal("closed", await peer.ReadAsync());
        peer.Dispose(); // the web server waits for its WebSockets
        await stopped.Within();
        await Waiting.Until(() => _log.Count >= 3);
        Assert.Equal(["connection", "disconnect: server shutting down", "parked: server shutting down"], _log);
        await host.DisposeAsync();
        Assert.Equal(3, _log.Count);
    }
}
