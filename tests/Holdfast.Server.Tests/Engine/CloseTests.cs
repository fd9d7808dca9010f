using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Holdfast.Engine;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Server.Tests.Engine;

public class CloseTests
{
    [Fact]
    public async Task The_servers_close_ends_the_waiting_poll()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);

        session.Session.Close();

        Assert.Equal((200, "1"), await poll);
        Assert.Equal("forced close", await session.Closed);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
    }

    [Fact]
    public async Task The_servers_close_waits_for_the_next_poll()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();

        session.Session.Close();

        Assert.False(session.IsClosed);
        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task Messages_and_the_close_never_share_a_body()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text("a"));
        session.Session.Close();
        Assert.True(session.Session.TrySend(Packets.Text("dropped")));

        Assert.Equal((200, "4a"), await host.PollAsync(id));
        Assert.False(session.IsClosed);
        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
        await session.Closed;
    }

    [Fact]
    public async Task Messages_and_the_close_never_share_a_body_that_is_already_waited_for()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);
        session.Session.TrySend(Packets.Text("a"));
        session.Session.Close();

        Assert.Equal((200, "4a"), await poll);
        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_client_that_never_polls_again_loses_the_session_after_thirty_seconds()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        session.Session.Close();

        time.Advance(29_999);
        Assert.False(session.IsClosed);
        time.Advance(1);

        Assert.Equal("forced close", await session.Closed);
        Assert.Equal(400, (await host.PollAsync(id)).Status);
    }

    [Fact]
    public async Task What_arrives_while_the_server_closes_is_ignored()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Received = _ => throw new InvalidOperationException("must not be called");
        session.Session.Close();

        Assert.Equal((200, "ok"), await host.PostAsync(id, "4a\u001e4b"));

        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_protocol_violation_of_the_layer_above_closes_gracefully()
    {
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = _ => throw new ProtocolException("bad event"));
        var (id, session) = await host.OpenPollingAsync();

        Assert.Equal((200, "ok"), await host.PostAsync(id, "4a\u001e4b"));

        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
        Assert.Equal("parse error: bad event", await session.Closed);
    }

    [Fact]
    public async Task On_WebSocket_what_is_queued_goes_out_before_the_close_frame()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();
        for (var i = 0; i < 500; i++)
        {
            session.Session.TrySend(Packets.Text($"m{i}"));
        }

        session.Session.Close();

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"4m{i}", await socket.ReadTextAsync());
        }

        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task A_WebSocket_whose_client_never_answers_the_close_is_aborted()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        session.Session.Close();
        Assert.Equal("8:1000", await raw.ReadFrameAsync());
        await session.Closed;
        time.Advance(5_000);

        Assert.Equal("end", await raw.ReadFrameAsync());
    }

    [Fact]
    public async Task A_WebSocket_whose_client_never_reads_is_aborted_when_the_close_takes_too_long()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 64 * 1024 * 1024, time);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        for (var i = 0; i < 60; i++)
        {
            session.Session.TrySend(Packets.Sized(1_000_000));
        }

        session.Session.Close();
        time.Advance(30_000);

        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task A_discarded_session_drops_everything_at_once()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text("dropped"));

        session.Session.Discard(CloseReason.ForcedClose, "taken over");

        Assert.Equal("forced close: taken over", await session.Closed);
        Assert.Equal(400, (await host.PollAsync(id)).Status);
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_discard_ends_a_close_that_is_under_way_with_the_closes_reason()
    {
        await using var host = await EngineHost.StartAsync();
        var (_, session) = await host.OpenPollingAsync();
        session.Session.Close();

        session.Session.Discard(CloseReason.TransportError, "too late");

        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task Whoever_closes_first_wins_and_the_handler_is_told_once()
    {
        await using var host = await EngineHost.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            var (id, session) = await host.OpenPollingAsync();
            await Task.WhenAll(
                Task.Run(() => session.Session.Discard(CloseReason.PingTimeout)),
                Task.Run(() => session.Session.Close()),
                host.PostAsync(id, "4a\u001e4b\u001e1"),
                host.PollAsync(id));
            session.Session.Discard(CloseReason.TransportError);

            await session.Closed;
            Assert.Equal(1, session.CloseCalls);
        }
    }

    [Fact]
    public async Task The_handler_hears_of_a_close_only_after_it_has_returned()
    {
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = _ =>
        {
            session.Session.Discard(CloseReason.ForcedClose);
            Assert.False(session.IsClosed);
            return ValueTask.CompletedTask;
        });
        var (socket, session) = await host.OpenWebSocketAsync();

        await socket.SendTextAsync("4a");

        Assert.Equal("forced close", await session.Closed);
        Assert.Equal(1, session.CloseCalls);
    }

    [Fact]
    public async Task A_close_doesnt_wait_for_a_handler_that_paused()
    {
        var never = new TaskCompletionSource();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = _ => new ValueTask(never.Task));
        var (socket, session) = await host.OpenWebSocketAsync();
        await socket.SendTextAsync("4a");
        await Waiting.Until(() => session.Session.IsHeartbeatSuspended);

        session.Session.Discard(CloseReason.ForcedClose);

        Assert.Equal("forced close", await session.Closed);
        Assert.Equal("cut", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task A_session_may_be_closed_while_its_handler_is_made()
    {
        await using var host = await EngineHost.StartAsync(connected: session =>
        {
            session.Session.TrySend(Packets.Text("goodbye"));
            session.Session.Close();
        });

        var (status, body) = await host.GetAsync(EngineHost.PollingQuery);
        var session = await host.NextSessionAsync();

        Assert.Equal(200, status);
        Assert.EndsWith("\u001e4goodbye", body, StringComparison.Ordinal);
        Assert.Equal((200, "6\u001e1"), await host.PollAsync(session.Session.Id));
        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task A_session_may_be_discarded_while_its_handler_is_made()
    {
        await using var host = await EngineHost.StartAsync(connected: session => session.Session.Discard(CloseReason.ForcedClose));

        Assert.Equal(400, (await host.GetAsync(EngineHost.PollingQuery)).Status);

        Assert.Equal("forced close", await (await host.NextSessionAsync()).Closed);
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task Stopping_ends_polls_and_WebSockets_at_once()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, polling) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, polling);
        var (socket, webSocket) = await host.OpenWebSocketAsync();

        await host.Server.StopAsync();

        Assert.Equal((200, "1"), await poll);
        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.Equal("forced close: server shutting down", await polling.Closed);
        Assert.Equal("forced close: server shutting down", await webSocket.Closed);
        Assert.Equal(0, host.Server.SessionCount);
        Assert.Equal(503, (await host.GetAsync(EngineHost.PollingQuery)).Status);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await host.StopAsync().Within();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_queued_is_dropped_when_the_server_stops(bool isClosing)
    {
        EngineHost? host = null;
        await using var _ = host = await EngineHost.StartAsync(connected: session =>
        {
            if (session.Session.TransportName == "polling")
            {
                return;
            }

            // A WebSocket would carry it off as soon as this returns.
            Queue(session);
            host!.Server.StopAsync();
        });
        var (id, polling) = await host.OpenPollingAsync();
        Queue(polling);

        using var socket = await host.ConnectAsync(EngineHost.WebSocketQuery);

        Assert.Equal("cut", await socket.ReadTextAsync());
        Assert.True(polling.IsClosed);
        var reason = isClosing ? "forced close" : "forced close: server shutting down";
        Assert.Equal(reason, await (await host.NextSessionAsync()).Closed);
        Assert.Equal(reason, await polling.Closed);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));

        void Queue(TestSession session)
        {
            Assert.True(session.Session.TrySend(Packets.Text("dropped")));
            if (isClosing)
            {
                session.Session.Close();
            }
        }
    }

    [Fact]
    public async Task What_was_not_sent_is_still_counted_when_the_handler_hears_of_the_close_and_is_held_no_longer()
    {
        var counted = (Bytes: 0, Packets: -1);
        await using var host = await EngineHost.StartAsync(connected: session => session.Closing = () =>
        {
            lock (session.Session.Gate)
            {
                counted = (session.Session.UnsentBytes, session.Session.QueuedCount);
            }
        });
        var (_, session) = await host.OpenPollingAsync();
        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        var kept = Send(session);

        session.Session.Discard(CloseReason.TransportError, "broken");

        await session.Closed;
        Assert.Equal((1001, 0), counted);
        GC.Collect();
        Assert.False(kept.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Send(TestSession session)
        {
            var packet = Packets.Sized(1001);
            Assert.True(session.Session.TrySend(packet));
            return new WeakReference(packet);
        }
    }

    [Fact]
    public async Task A_close_ends_the_post_that_is_still_being_read()
    {
        // Nothing but the close can end the request.
        await using var host = await EngineHost.StartAsync(time: new FakeTime(), kestrel: kestrel => kestrel.Limits.MinRequestBodyDataRate = null);
        foreach (var discard in new[] { false, true })
        {
            var (id, session) = await host.OpenPollingAsync();
            session.Received = _ => throw new InvalidOperationException("must not be called");
            var poll = await host.ParkPollAsync(id, session);
            using var raw = await host.OpenRawAsync();
            await raw.SendRequestAsync("POST", $"{EngineHost.PollingQuery}&sid={id}", "Content-Length: 100\r\n", "4half of it");
            await Waiting.Until(() => ((PollingTransport)session.Session.Transport).IsReading);

            if (discard)
            {
                session.Session.Discard(CloseReason.ForcedClose);
            }
            else
            {
                session.Session.Close();
            }

            Assert.Equal((200, "1"), await poll);
            Assert.Equal("forced close", await session.Closed);
            Assert.StartsWith("HTTP/1.1 200 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal("ok", await raw.ReadTextAsync(2));
        }

        await host.StopAsync().Within();
    }

    [Fact]
    public async Task A_host_stops_although_a_client_never_reads_the_answer_to_its_poll()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(
            time: time,
            services: services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(5)),
            kestrel: kestrel => kestrel.Limits.MinResponseDataRate = null);
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        // More than the buffers of the network take, so that the answer is still being written when the host stops.
        Assert.True(session.Session.TrySend(Packets.Sized(30_000_000)));
        await raw.SendRequestAsync("GET", $"{EngineHost.PollingQuery}&sid={id}");
        Assert.StartsWith("HTTP/1.1 200 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);

        await host.Server.StopAsync();
        var stopping = host.StopAsync();
        time.Advance(499);
        Assert.False(stopping.IsCompleted);
        time.Advance(1);

        await stopping.Within();
    }

    [Fact]
    public async Task A_host_stops_although_a_client_never_answers_the_close()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        using var raw = await WebSocketTests.OpenRawAsync(host);

        await host.Server.StopAsync();
        Assert.Equal("8:1000", await raw.ReadFrameAsync());
        var stopping = host.StopAsync();
        time.Advance(500);

        await stopping.Within();
    }
}
