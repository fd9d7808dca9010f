using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>In Engine.IO 3 the client pings, and the server waits for it as long as interval and timeout together.</summary>
public class Eio3HeartbeatTests
{
    private readonly FakeTime _time = new();

    [Fact]
    public async Task The_server_answers_each_ping_and_sends_none()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        for (var i = 0; i < 5; i++)
        {
            var poll = await host.ParkPollThreeAsync(id, session);
            _time.Advance(499);
            Assert.False(poll.IsCompleted);
            await host.PostThreeAsync(id, "1:2");
            Assert.Equal((200, "1:3"), await poll);
        }

        Assert.Equal(0, session.Pings);
    }

    [Fact]
    public async Task The_server_answers_on_a_WebSocket_too()
    {
        await using var host = await StartAsync();
        var (socket, _) = await host.OpenWebSocketThreeAsync();
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(499);
            await socket.SendTextAsync("2");
            Assert.Equal("3", await socket.ReadTextAsync());
        }
    }

    [Fact]
    public async Task A_client_that_does_not_ping_is_given_up_from_the_handshake_on()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        var poll = await host.ParkPollThreeAsync(id, session);

        _time.Advance(499);
        Assert.False(session.IsClosed);
        _time.Advance(1);

        Assert.Equal("ping timeout", await session.Closed);
        Assert.Equal((200, "1:1"), await poll);
    }

    [Fact]
    public async Task Only_a_ping_counts_and_each_one_does()
    {
        await using var host = await StartAsync();
        var (socket, session) = await host.OpenWebSocketThreeAsync();
        using var held = socket; // one that nobody refers to any more would be closed by the collector
        _time.Advance(400);
        await socket.SendTextAsync("2");
        Assert.Equal("3", await socket.ReadTextAsync());
        _time.Advance(400);
        await socket.SendTextAsync("4no ping");
        Assert.Equal("4no ping", await socket.ReadTextAsync());

        _time.Advance(99);
        Assert.False(session.IsClosed);
        _time.Advance(1);

        Assert.Equal("ping timeout", await session.Closed);
    }

    [Fact]
    public async Task A_poll_looks_at_the_clock_even_if_the_timer_is_late()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenThreeAsync();

        _time.AdvanceWithoutTimers(500);

        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollThreeAsync(id));
        Assert.Equal("ping timeout", await session.Closed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pong_from_the_client_is_the_wrong_direction(bool polling)
    {
        await using var host = await StartAsync();
        TestSession session;
        if (polling)
        {
            (var id, session) = await host.OpenThreeAsync();
            Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PostThreeAsync(id, "1:3"));
        }
        else
        {
            (var socket, session) = await host.OpenWebSocketThreeAsync();
            await socket.SendTextAsync("3");
        }

        Assert.Equal("transport error: invalid heartbeat direction", await session.Closed);
    }

    [Fact]
    public async Task A_flood_of_pings_that_nobody_reads_the_answers_to_leaves_one_answer()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenThreeAsync();

        await host.PostThreeAsync(id, string.Concat(Enumerable.Repeat("1:2", 10_000)));
        Assert.Equal(1, session.Session.UnsentBytes);
        await host.PostThreeAsync(id, "1:22:4a1:21:2");

        Assert.Equal((200, "1:32:4a1:3"), await host.PollThreeAsync(id));
    }

    [Fact]
    public async Task A_pause_of_the_handler_is_no_silence_of_the_client()
    {
        await using var host = await StartAsync();
        var (socket, session) = await host.OpenWebSocketThreeAsync();
        using var held = socket; // one that nobody refers to any more would be closed by the collector
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Received = async _ =>
        {
            entered.SetResult();
            await gate.Task;
        };
        await socket.SendTextAsync("4a");
        await entered.Task.Within();
        await Waiting.Until(() => session.Session.IsHeartbeatSuspended);

        // Its ping may stand behind the pause already: without an answer it would give up.
        Assert.Equal("3", await socket.ReadTextAsync());
        for (var i = 0; i < 10; i++)
        {
            await Waiting.Until(() => session.Session.UnsentBytes == 0);
            _time.Advance(200);
            Assert.Equal("3", await socket.ReadTextAsync());
        }

        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        gate.SetResult();
        await Waiting.Until(() => !session.Session.IsHeartbeatSuspended);

        _time.Advance(499);
        Assert.False(session.IsClosed);
        _time.Advance(1);
        Assert.Equal("ping timeout", await session.Closed);
    }

    private Task<EngineHost> StartAsync() => Eio3Client.StartAsync(
        options => (options.PingInterval, options.PingTimeout) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)),
        _time);
}
