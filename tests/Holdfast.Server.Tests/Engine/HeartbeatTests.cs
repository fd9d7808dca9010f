using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class HeartbeatTests
{
    private readonly FakeTime _time = new();

    [Fact]
    public async Task The_ping_comes_one_interval_after_the_handshake_and_after_each_pong()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        for (var i = 1; i <= 3; i++)
        {
            var poll = await host.ParkPollAsync(id, session);
            _time.Advance(299);
            Assert.Equal(i - 1, session.Pings);
            _time.Advance(1);

            Assert.Equal((200, "2"), await poll);
            Assert.Equal(i, session.Pings);
            await host.PostAsync(id, "3");
            Assert.Equal(i, session.Pongs);
        }
    }

    [Fact]
    public async Task A_missing_pong_ends_the_session_and_its_poll()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.Advance(300);
        Assert.Equal((200, "2"), await host.PollAsync(id));
        var poll = await host.ParkPollAsync(id, session);

        _time.Advance(199);
        Assert.False(session.IsClosed);
        _time.Advance(1);

        Assert.Equal("ping timeout", await session.Closed);
        Assert.Equal((200, "1"), await poll);
        Assert.Equal(400, (await host.PollAsync(id)).Status);
    }

    [Fact]
    public async Task A_poll_looks_at_the_clock_even_if_the_timer_is_late()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.AdvanceWithoutTimers(300);
        Assert.Equal((200, "2"), await host.PollAsync(id));

        _time.AdvanceWithoutTimers(200);

        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
        Assert.Equal("ping timeout", await session.Closed);
    }

    [Fact]
    public async Task The_delay_of_a_late_timer_is_not_given_to_the_client()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.AdvanceWithoutTimers(340);
        _time.Advance(0);
        Assert.Equal(1, session.Pings);

        _time.AdvanceWithoutTimers(160);

        Assert.Equal(400, (await host.PollAsync(id)).Status);
    }

    [Fact]
    public async Task A_machine_that_slept_gives_its_clients_the_whole_time()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.AdvanceWithoutTimers(60_000);
        _time.Advance(0);

        _time.Advance(199);
        Assert.Equal((200, "2"), await host.PollAsync(id));
        await host.PostAsync(id, "3");

        Assert.Equal(1, session.Pongs);
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task The_first_other_packet_restarts_the_wait_and_the_second_does_not()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.Advance(300);

        _time.Advance(150);
        await host.PostAsync(id, "4a");
        _time.Advance(150);
        Assert.False(session.IsClosed);
        await host.PostAsync(id, "4b");
        _time.Advance(49);
        Assert.False(session.IsClosed);
        _time.Advance(1);

        Assert.Equal("ping timeout", await session.Closed);
    }

    [Fact]
    public async Task On_WebSocket_the_ping_is_a_frame_and_a_missing_pong_cuts_the_connection()
    {
        await using var host = await StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();

        _time.Advance(300);
        Assert.Equal("2", await socket.ReadTextAsync());
        await socket.SendTextAsync("3");
        await Waiting.Until(() => session.Pongs == 1);
        _time.Advance(300);
        Assert.Equal("2", await socket.ReadTextAsync());
        _time.Advance(200);

        Assert.Equal("ping timeout", await session.Closed);
        Assert.Equal("cut", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Who_takes_long_over_the_end_of_one_client_keeps_no_other_from_its_ping()
    {
        using var gate = new ManualResetEventSlim();
        await using var host = await EngineHost.StartAsync(Short, _time);
        var (firstId, first) = await host.OpenPollingAsync();
        first.Closing = () => gate.Wait(TimeSpan.FromSeconds(30));
        _time.Advance(300);
        Assert.Equal((200, "2"), await host.PollAsync(firstId));
        _time.Advance(100);
        var (id, second) = await host.OpenPollingAsync();

        _time.Advance(100);
        await Waiting.Until(() => first.CloseCalls == 1);
        _time.Advance(200);

        Assert.Equal(1, second.Pings);
        Assert.Equal((200, "2"), await host.PollAsync(id));
        Assert.False(first.IsClosed);
        gate.Set();
        Assert.Equal("ping timeout", await first.Closed);
    }

    [Fact]
    public async Task A_ping_goes_before_what_is_queued()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text("waiting"));

        _time.Advance(300);

        Assert.Equal((200, "2\u001e4waiting"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_pong_that_nobody_asked_for_changes_nothing()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _time.Advance(200);
        await host.PostAsync(id, "3");

        _time.Advance(100);

        Assert.Equal(1, session.Pings);
        Assert.Equal(0, session.Pongs);
    }

    [Fact]
    public async Task A_thousand_sessions_are_pinged_and_dropped_by_one_timer()
    {
        await using var host = await StartAsync();
        var sessions = new List<TestSession>();
        for (var i = 0; i < 1000; i++)
        {
            sessions.Add((await host.OpenPollingAsync()).Session);
            _time.Advance(0.1);
        }

        _time.Advance(300);
        Assert.All(sessions, session => Assert.Equal(1, session.Pings));
        _time.Advance(220);

        await Task.WhenAll(sessions.Select(session => session.Closed));
        Assert.Equal(0, host.Server.SessionCount);
    }

    private static void Short(EngineIOOptions options)
    {
        options.PingInterval = TimeSpan.FromMilliseconds(300);
        options.PingTimeout = TimeSpan.FromMilliseconds(200);
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(Short, _time);
}
