using System.Net.WebSockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;

namespace Holdfast.Server.Tests.Engine;

/// <summary>The public face of one session: what it is, and what it tells.</summary>
public class EngineSocketTests
{
    [Fact]
    public async Task It_says_what_it_is_from_its_first_moment_to_its_last()
    {
        await using var host = await EngineHost.StartAsync();
        var states = new List<EngineSocketState>();
        host.Endpoint.OnConnection(socket => states.Add(socket.State));
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;

        Assert.Same(socket, session.Session.Socket);
        Assert.Equal((id, 4, "polling", false), (socket.Id, socket.Protocol, socket.TransportName, socket.IsUpgraded));
        Assert.Same(session.Session.Handshake, socket.Handshake);
        await UpgradeAsync(host, id, session);
        Assert.Equal(("websocket", true), (socket.TransportName, socket.IsUpgraded));
        states.Add(socket.State);
        socket.Close();
        Assert.False(socket.IsOpen);
        await session.Closed;
        states.Add(socket.State);

        Assert.Equal([EngineSocketState.Opening, EngineSocketState.Open, EngineSocketState.Closed], states);
    }

    [Fact]
    public async Task It_is_writable_while_a_poll_waits_and_nothing_is_queued()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        Assert.False(socket.IsWritable);

        var poll = await host.ParkPollAsync(id, session);
        Assert.True(socket.IsWritable);
        await socket.SendAsync("a");
        Assert.Equal((200, "4a"), await poll);
        Assert.False(socket.IsWritable);

        await host.ParkPollAsync(id, session);
        socket.Close(discard: true);
        Assert.False(socket.IsWritable);
    }

    [Fact]
    public async Task A_close_that_discards_drops_what_is_queued_and_says_how_much_that_was()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        await Waiting.Until(() => socket.UnsentBytes == 0);
        var unsent = -1;
        socket.OnClose((_, _) => unsent = socket.UnsentBytes);
        await socket.SendAsync("dropped");

        socket.Close(discard: true);

        Assert.Equal("forced close", await session.Closed);
        Assert.Equal(8, unsent);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_close_that_discards_also_ends_one_that_waits_for_the_client()
    {
        await using var host = await EngineHost.StartAsync();
        var (_, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        await socket.SendAsync("waits for a poll");
        socket.Close();
        Assert.Equal(EngineSocketState.Closing, socket.State);

        socket.Close(discard: true);

        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task Each_packet_that_arrives_is_told_before_it_is_handled()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var told = new List<string>();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.Socket.OnPacket(packet => told.Add($"packet {packet.Kind} {packet.IsBinary} {(packet.IsBinary ? Convert.ToHexString(packet.Data.Span) : packet.Text)}".TrimEnd()));
        session.Session.Socket.OnHeartbeat(() => told.Add("heartbeat"));
        session.Received = text =>
        {
            told.Add($"handled {text}");
            return default;
        };

        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal((200, "2"), await host.PollAsync(id));
        await host.PostAsync(id, "3\u001e4a\u001ebAQI=\u001e6");

        Assert.Equal(
            ["packet Pong False", "heartbeat", "packet Message False a", "handled a", "packet Message True 0102", "handled 0102", "packet Noop False"],
            told);
    }

    [Fact]
    public async Task Packets_of_a_session_that_is_closing_are_told_to_nobody()
    {
        await using var host = await EngineHost.StartAsync();
        var told = 0;
        var (id, session) = await host.OpenPollingAsync();
        session.Session.Socket.OnPacket(_ => told++);
        await session.Session.Socket.SendAsync("waits for a poll");
        session.Session.Close();

        await host.PostAsync(id, "4a");

        Assert.Equal(0, told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_packet_that_leaves_is_told_before_it_is_written_then_the_batch_then_that_all_has_left(bool isWebSocket)
    {
        var time = new FakeTime();
        var told = new List<string>();
        var drained = new SemaphoreSlim(0);
        await using var host = await EngineHost.StartAsync(time: time);
        host.Endpoint.OnConnection(socket =>
        {
            socket.OnPacketCreate(packet => Add($"create {packet.Kind} {(packet.Kind == EnginePacketKind.Open ? "" : packet.IsBinary ? Convert.ToHexString(packet.Data.Span) : packet.Text)}".TrimEnd()));
            socket.OnFlush(packets => Add($"flush {string.Join(',', packets.Select(packet => packet.Kind))}"));
            socket.OnDrain(() =>
            {
                Add($"drain {socket.UnsentBytes}");
                drained.Release();
            });
        });
        var query = EngineHost.WebSocketQuery;
        using var client = isWebSocket ? await host.ConnectAsync(query) : null;
        var id = isWebSocket ? "" : EngineHost.SessionIdOf((await host.GetAsync(EngineHost.PollingQuery)).Body);
        var session = await host.NextSessionAsync();
        await drained.WaitAsync().Within();

        session.Session.TrySend(new(System.Text.Encoding.ASCII.GetBytes("4a"), [new byte[] { 7 }]));
        if (!isWebSocket)
        {
            Assert.Equal((200, "4a\u001ebBw=="), await host.PollAsync(id));
        }

        await drained.WaitAsync().Within();
        time.Advance(TimeSpan.FromSeconds(25));
        if (!isWebSocket)
        {
            Assert.Equal((200, "2"), await host.PollAsync(id));
        }

        await drained.WaitAsync().Within();
        Assert.Equal(
            ["create Open", "flush Open", "drain 0", "create Message a", "create Message 07", "flush Message,Message", "drain 0", "create Ping", "flush Ping", "drain 0"],
            told);

        void Add(string what)
        {
            lock (told)
            {
                told.Add(what);
            }
        }
    }

    [Fact]
    public async Task A_batch_that_a_dropped_poll_gives_back_is_told_once()
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            // As if the client had gone at this very moment.
            context.RequestAborted = context.Request.Headers.ContainsKey("X-Gone") ? new CancellationToken(canceled: true) : context.RequestAborted;
            return next(context);
        }));
        var told = new List<string>();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        await socket.FlushAsync().Within();
        socket.OnPacketCreate(packet => told.Add($"create {packet.Text}"));
        socket.OnDrain(() => told.Add("drain"));
        await socket.SendAsync("a");
        var flushed = socket.FlushAsync();

        // During an upgrade a dropped poll is forgiven, so what it would have carried comes with the next one.
        using var probe = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        using var gone = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}", ("X-Gone", "yes"));
        Assert.Equal("", await gone.Content.ReadAsStringAsync());
        Assert.Empty(told);
        Assert.False(flushed.IsCompleted);

        Assert.Equal((200, "4a"), await host.PollAsync(id));
        await flushed.Within();
        await Waiting.Until(() => told.Count == 2);
        Assert.Equal(["create a", "drain"], told);
    }

    [Fact]
    public async Task The_endpoint_tells_of_the_batches_of_all_clients()
    {
        await using var host = await EngineHost.StartAsync();
        var told = new List<string>();
        var drained = new SemaphoreSlim(0);
        host.Endpoint.OnFlush((socket, packets) => told.Add($"{socket.Id} {packets.Count}"));
        host.Endpoint.OnDrain(socket =>
        {
            told.Add($"{socket.Id} drained");
            drained.Release();
        });

        var (first, _) = await host.OpenPollingAsync();
        await drained.WaitAsync().Within();
        var (second, _) = await host.OpenPollingAsync();
        await drained.WaitAsync().Within();

        Assert.Equal([$"{first} 1", $"{first} drained", $"{second} 1", $"{second} drained"], told);
    }

    [Fact]
    public async Task The_upgrade_is_told_when_it_begins_and_when_it_is_done()
    {
        await using var host = await EngineHost.StartAsync();
        var told = new List<string>();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        socket.OnUpgrading(name => told.Add($"upgrading to {name} from {socket.TransportName}"));
        socket.OnUpgrade(name => told.Add($"upgraded to {name}, {socket.IsUpgraded}"));
        session.Received = text =>
        {
            told.Add(text);
            return session.Session.SendAsync(Packets.Text("seen"), CancellationToken.None) is var sent ? new ValueTask(sent) : default;
        };

        using var client = await UpgradeAsync(host, id, session, "4first");

        Assert.Equal("4seen", await client.ReadTextAsync());
        Assert.Equal(["upgrading to websocket from polling", "upgraded to websocket, True", "first"], told);
    }

    [Fact]
    public async Task An_upgrade_that_fails_is_begun_and_never_done()
    {
        await using var host = await EngineHost.StartAsync();
        var told = new List<string>();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.Socket.OnUpgrading(_ => told.Add("upgrading"));
        session.Session.Socket.OnUpgrade(_ => told.Add("upgraded"));
        using var client = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await client.SendTextAsync("2probe");
        Assert.Equal("3probe", await client.ReadTextAsync());

        await client.SendTextAsync("4wrong");

        Assert.Equal("close 1000", await client.ReadTextAsync());
        Assert.Equal(["upgrading"], told);
        Assert.False(session.Session.Socket.IsUpgraded);
    }

    [Fact]
    public async Task Several_may_listen_and_one_that_throws_keeps_nobody_from_being_told()
    {
        await using var host = await EngineHost.StartAsync();
        host.ExpectedComplaints = 4;
        var told = new List<string>();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        socket.OnPacket(_ => throw new InvalidOperationException("packet"));
        socket.OnPacket(packet => told.Add($"packet {packet.Kind}"));
        socket.OnPacketCreate(_ => throw new InvalidOperationException("create"));
        socket.OnPacketCreate(packet => told.Add($"create {packet.Text}"));
        socket.OnMessage(message => told.Add($"one {message.Text}"));
        socket.OnMessage(async message =>
        {
            await Task.Yield();
            told.Add($"two {message.Text}");
        });
        socket.OnClose((_, _) => throw new InvalidOperationException("close"));
        socket.OnClose((reason, description) => told.Add($"closed {reason}, {description}"));

        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id));
        await host.PostAsync(id, "1");
        await session.Closed;
        await Waiting.Until(() => told.Count == 6);

        Assert.Equal(["packet Message", "one a", "two a", "create a", "packet Close", "closed transport close, closed by the client"], told);
        Assert.All(host.Log.Complaints, complaint => Assert.StartsWith("Error: The application's listener of a connection failed.", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_listener_that_closes_the_session_is_the_last_to_see_the_message()
    {
        await using var host = await EngineHost.StartAsync();
        var handled = false;
        var (id, session) = await host.OpenPollingAsync();
        session.Received = _ =>
        {
            handled = true;
            return default;
        };
        session.Session.Socket.OnMessage(_ => session.Session.Socket.Close(discard: true));

        await host.PostAsync(id, "4a");

        Assert.Equal("forced close", await session.Closed);
        Assert.False(handled);
    }

    [Fact]
    public async Task Listeners_may_be_added_by_listeners_and_by_many_threads()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;
        var told = 0;
        Parallel.For(0, 200, _ => socket.OnPacket(_ => socket.OnMessage(_ => told++)));

        await host.PostAsync(id, "4a\u001e4b");

        Assert.Equal(200 + 400, told);
    }

    private static async Task<ClientWebSocket> UpgradeAsync(EngineHost host, string id, TestSession session, string? andThen = null)
    {
        var client = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await client.SendTextAsync("2probe");
        Assert.Equal("3probe", await client.ReadTextAsync());
        await client.SendTextAsync("5");
        if (andThen is not null)
        {
            await client.SendTextAsync(andThen);
        }

        await Waiting.Until(() => session.Session.IsUpgraded);
        return client;
    }
}
