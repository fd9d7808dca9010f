using System.Net.WebSockets;
using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>
/// The handler has asked for a pause: nothing is read from the client, its pongs included. It goes on looking for pings, and it lives as long as something leaves.
/// </summary>
public class PauseTests
{
    private readonly FakeTime _time = new();
    private readonly TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_client_that_fetches_nothing_is_given_up_an_interval_and_a_timeout_into_the_pause()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var post = await PauseAsync(host, id, session);
        session.Session.TrySend(Packets.Sized(1000));

        _time.Advance(499);
        Assert.False(session.IsClosed);
        _time.Advance(1);

        Assert.Equal("ping timeout", await session.Closed);
        Assert.Equal((200, "ok"), await post);
        Assert.Equal(0, session.Session.QueuedCount);
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_client_that_fetches_a_little_now_and_then_lives_until_it_stops()
    {
        await using var host = await StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        _ = await PauseAsync(host, id, session);
        for (var i = 0; i < 5; i++)
        {
            // Two don't fit into one body.
            session.Session.TrySend(Packets.Sized(600_000));
        }

        _time.Advance(300);
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(199);
            Assert.InRange((await host.PollAsync(id)).Body.Length, 600_002, 600_006);
            await Waiting.Until(() => session.Session.UnsentBytes < (5 - i) * 600_000);
            _time.Advance(1);
            Assert.False(session.IsClosed);
        }

        _time.Advance(199);
        Assert.False(session.IsClosed);
        _time.Advance(1);
        Assert.Equal("ping timeout", await session.Closed);
    }

    [Fact]
    public async Task A_WebSocket_that_nobody_reads_is_given_up()
    {
        await using var host = await StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();
        await socket.SendTextAsync("4work");
        await Waiting.Until(() => session.Session.IsHeartbeatSuspended);

        // Until the connection takes no more; as long as it does, the client could be reading.
        var packet = Packets.Sized(1_000_000);
        await Waiting.Until(() =>
        {
            while (session.Session.State == SessionState.Open && session.Session.TrySend(packet))
            {
            }

            _time.Advance(100);
            return session.IsClosed;
        });

        Assert.Equal("ping timeout", await session.Closed);
        Assert.Equal(0, session.Session.QueuedCount);
        GC.KeepAlive(socket);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("polling")]
    public async Task A_client_of_a_slow_application_gets_its_pings_and_lives(string transport)
    {
        await using var host = await StartAsync();
        var client = await Client.OpenAsync(host, transport);
        var session = client.Session;
        _time.Advance(250);
        await client.PauseAsync();

        // The first comes when it was due, and from one to the next it is never as long as the client waits.
        _time.Advance(49);
        Assert.Equal(0, session.Pings);
        _time.Advance(1);
        Assert.Equal("2", await client.ReadAsync());
        for (var i = 0; i < 20; i++)
        {
            await Waiting.Until(() => session.Session.UnsentBytes == 0);
            _time.Advance(200);
            Assert.Equal("2", await client.ReadAsync());
        }

        Assert.False(session.IsClosed);
        await client.SendPongsAsync(1 + 20, _work);
        await Waiting.Until(() => session.Pongs == 1);
        _time.Advance(299);
        Assert.Equal(1, session.Pings);
        _time.Advance(1);
        Assert.Equal("2", await client.ReadAsync());
        Assert.Equal(2, session.Pings);
    }

    [Fact]
    public async Task Only_the_last_pong_says_what_has_arrived()
    {
        await using var host = await StartAsync();
        var client = await Client.OpenAsync(host, "websocket");
        var session = client.Session;
        await client.PauseAsync();
        _time.Advance(300);
        Assert.Equal("2", await client.ReadAsync());
        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        _time.Advance(200);
        Assert.Equal("2", await client.ReadAsync());

        await client.SendPongsAsync(1, _work);
        await client.EchoAsync("so far");
        Assert.Equal(0, session.Pongs);
        await client.SendPongsAsync(1, _work);
        await client.EchoAsync("all");
        Assert.Equal((1, 1), (session.Pings, session.Pongs));
    }

    [Fact]
    public async Task A_pong_that_is_missing_when_the_pause_is_over_ends_the_session()
    {
        await using var host = await StartAsync();
        var client = await Client.OpenAsync(host, "websocket");
        var session = client.Session;
        await client.PauseAsync();
        _time.Advance(300);
        Assert.Equal("2", await client.ReadAsync());
        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        _time.Advance(199);
        _work.SetResult();
        await Waiting.Until(() => !session.Session.IsHeartbeatSuspended);

        _time.Advance(199);
        Assert.False(session.IsClosed);
        _time.Advance(1);
        Assert.Equal("ping timeout", await session.Closed);
    }

    [Fact]
    public async Task A_pause_that_holds_up_the_pong_does_not_put_off_the_ping_after_it()
    {
        await using var host = await StartAsync();
        var client = await Client.OpenAsync(host, "websocket");
        _time.Advance(300);
        Assert.Equal("2", await client.ReadAsync());
        await client.PauseAsync();
        _time.Advance(199);

        // An interval from here on would be one millisecond less than the client waits for, if nothing took any time.
        await client.SendPongsAsync(1, _work);
        Assert.Equal("2", await client.ReadAsync());
        await client.SendPongsAsync(1, _work);
        await Waiting.Until(() => client.Session.Pongs == 1);
        _time.Advance(300);
        Assert.Equal("2", await client.ReadAsync());
    }

    [Fact]
    public async Task Pauses_do_not_put_off_the_ping()
    {
        var pause = new TaskCompletionSource();
        await using var host = await EngineHost.StartAsync(Short, _time, session => session.Received = _ => new ValueTask(Volatile.Read(ref pause).Task));
        var client = await Client.OpenAsync(host, "websocket");
        var session = client.Session;
        for (var i = 0; i < 3; i++)
        {
            await client.PauseAsync();
            _time.Advance(90);
            Interlocked.Exchange(ref pause, new TaskCompletionSource()).SetResult();
            await Waiting.Until(() => !session.Session.IsHeartbeatSuspended);
        }

        Assert.Equal(0, session.Pings);
        _time.Advance(30);
        Assert.Equal("2", await client.ReadAsync());
    }

    private static void Short(EngineIOOptions options)
    {
        options.PingInterval = TimeSpan.FromMilliseconds(300);
        options.PingTimeout = TimeSpan.FromMilliseconds(200);
    }

    private static async Task<Task<(int Status, string Body)>> PauseAsync(EngineHost host, string id, TestSession session)
    {
        var post = host.PostAsync(id, "4work");
        await Waiting.Until(() => session.Session.IsHeartbeatSuspended);
        return post;
    }

    /// <summary>Echoes, but over <c>work</c> it takes as long as the test wants.</summary>
    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(
        options =>
        {
            Short(options);
            options.OutboxLimit = 8_000_000;
        },
        _time,
        session => session.Received = text =>
        {
            if (text == "work")
            {
                return new ValueTask(_work.Task);
            }

            session.Session.TrySend(Packets.Text(text));
            return ValueTask.CompletedTask;
        });

    /// <summary>A client that reads, over either transport.</summary>
    private sealed class Client(EngineHost host, TestSession session, ClientWebSocket? socket, string id)
    {
        private Task<(int Status, string Body)>? _poll;
        private Task<(int Status, string Body)>? _post;

        public TestSession Session => session;

        public static async Task<Client> OpenAsync(EngineHost host, string transport)
        {
            if (transport == "websocket")
            {
                var (socket, session) = await host.OpenWebSocketAsync();
                return new Client(host, session, socket, "");
            }

            var (id, polling) = await host.OpenPollingAsync();
            return new Client(host, polling, null, id);
        }

        public async Task PauseAsync()
        {
            if (socket is not null)
            {
                await socket.SendTextAsync("4work");
            }
            else
            {
                _poll = await host.ParkPollAsync(id, session);
                _post = host.PostAsync(id, "4work");
            }

            await Waiting.Until(() => session.Session.IsHeartbeatSuspended);
        }

        public async Task<string> ReadAsync()
        {
            if (socket is not null)
            {
                return await socket.ReadTextAsync();
            }

            var (_, body) = await (_poll ?? host.PollAsync(id));
            _poll = await host.ParkPollAsync(id, session);
            return body;
        }

        /// <summary>They stand behind the pause, or behind the POST that it holds up; then the pause ends.</summary>
        public async Task SendPongsAsync(int count, TaskCompletionSource pause)
        {
            if (socket is not null)
            {
                for (var i = 0; i < count; i++)
                {
                    await socket.SendTextAsync("3");
                }

                pause.TrySetResult();
                return;
            }

            pause.TrySetResult();
            Assert.Equal((200, "ok"), await _post!);
            await host.PostAsync(id, string.Join('\u001e', Enumerable.Repeat("3", count)));
        }

        /// <summary>What was sent before has been handled.</summary>
        public async Task EchoAsync(string text)
        {
            await socket!.SendTextAsync("4" + text);
            Assert.Equal("4" + text, await socket!.ReadTextAsync());
        }
    }
}
