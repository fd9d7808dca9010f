using System.Net.WebSockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class UpgradeTests
{
    [Fact]
    public async Task The_upgrade_ends_the_waiting_poll_and_the_session_goes_on_over_WebSocket()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);
        using var socket = await ProbeAsync(host, id);

        Assert.Equal((200, "6"), await poll);
        Assert.Equal((200, "6"), await host.PollAsync(id));
        await socket.SendTextAsync("5");
        await socket.SendTextAsync("4hello");

        Assert.Equal("4hello", await socket.ReadTextAsync());
        Assert.True(session.Session.IsUpgraded);
        Assert.Equal("websocket", session.Session.TransportName);
    }

    [Fact]
    public async Task After_the_upgrade_polls_and_further_WebSockets_are_refused_and_harm_nothing()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await UpgradeAsync(host, id, session);

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollAsync(id));
        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PostAsync(id, "4x"));
        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}"));

        await socket.SendTextAsync("4still here");
        Assert.Equal("4still here", await socket.ReadTextAsync());
        Assert.Equal(1, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_client_may_send_all_without_waiting_and_its_next_poll_is_refused()
    {
        // The clock stands still: however slow the machine is, the moment that the server waits does not pass.
        await using var host = await EngineHost.StartAsync(time: new FakeTime());
        for (var i = 0; i < 30; i++)
        {
            var (id, _) = await host.OpenPollingAsync();
            using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
            var sending = socket.SendTextAsync("2probe");
            await socket.SendTextAsync("5");
            await sending;

            Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollAsync(id));

            await socket.SendTextAsync("4a");
            Assert.Equal("3probe", await socket.ReadTextAsync());
            Assert.Equal("4a", await socket.ReadTextAsync());
        }
    }

    [Fact]
    public async Task A_session_has_one_probe_at_a_time_and_may_try_again()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var first = await ProbeAsync(host, id);

        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}"));
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Within();

        using var second = await UpgradeAsync(host, id, session);
        await second.SendTextAsync("4a");
        Assert.Equal("4a", await second.ReadTextAsync());
    }

    [Theory]
    [InlineData("4message")]
    [InlineData("2")]
    [InlineData("2other")]
    [InlineData("3")]
    [InlineData("1")]
    [InlineData("nonsense")]
    public async Task Any_other_packet_closes_the_probe_and_leaves_the_session_on_polling(string packet)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");

        await socket.SendTextAsync(packet);

        Assert.Equal("close 1000", await socket.ReadTextAsync());
        var poll = await host.ParkPollAsync(id, session);
        await host.PostAsync(id, "4still here");
        Assert.Equal((200, "4still here"), await poll);
    }

    [Fact]
    public async Task A_probe_that_takes_too_long_is_closed_and_the_session_stays_on_polling()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);

        time.Advance(10_000);

        Assert.Equal("close 1000", await socket.ReadTextAsync());
        var poll = await host.ParkPollAsync(id, session);
        await host.PostAsync(id, "4still here");
        Assert.Equal((200, "4still here"), await poll);
    }

    [Fact]
    public async Task An_upgrade_that_is_done_has_no_deadline()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await UpgradeAsync(host, id, session);

        time.Advance(10_000);
        await socket.SendTextAsync("4a");

        Assert.Equal("4a", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task What_is_queued_during_the_upgrade_follows_on_the_WebSocket()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);
        session.Session.TrySend(Packets.Text("a"));
        session.Session.TrySend(Packets.Text("b"));

        await socket.SendTextAsync("5");

        Assert.Equal("4a", await socket.ReadTextAsync());
        Assert.Equal("4b", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task A_poll_during_the_probe_still_gets_messages()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);
        session.Session.TrySend(Packets.Text("a"));

        Assert.Equal((200, "4a"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_post_that_is_being_handled_comes_before_the_WebSockets_messages()
    {
        var entered = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var received = new List<string>();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            received.Add(text);
            session.Session.TrySend(Packets.Text(text));
            if (text != "post 1")
            {
                return ValueTask.CompletedTask;
            }

            entered.SetResult();
            return new ValueTask(finish.Task);
        });
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);
        var post = host.PostAsync(id, "4post 1\u001e4post 2");
        await entered.Task.Within();
        await socket.SendTextAsync("5");
        await socket.SendTextAsync("4socket 1");
        await Waiting.Until(() => session.Session.TransportName == "websocket");

        Assert.Equal(["post 1"], received);
        finish.SetResult();

        Assert.Equal((200, "ok"), await post);
        foreach (var text in new[] { "post 1", "post 2", "socket 1" })
        {
            Assert.Equal("4" + text, await socket.ReadTextAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Under_load_no_message_is_lost_or_reordered_in_either_direction(bool wait)
    {
        await using var host = await EngineHost.StartAsync();
        for (var round = 0; round < 10; round++)
        {
            var arrived = new List<string>();
            var (id, session) = await host.OpenPollingAsync();
            session.Received = text =>
            {
                arrived.Add(text);
                return ValueTask.CompletedTask;
            };
            var sender = Task.Run(async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    Assert.True(session.Session.TrySend(Packets.Text($"down {i}")));
                    if (i % 10 == 0)
                    {
                        await Task.Yield();
                    }
                }
            });
            var received = new List<string>();
            var upgraded = false;
            var polling = Task.Run(async () =>
            {
                while (!Volatile.Read(ref upgraded))
                {
                    var (status, body) = await host.PollAsync(id);
                    if (status != 200)
                    {
                        break;
                    }

                    received.AddRange(body.Split('\u001e').Where(packet => packet != "6"));
                }
            });
            for (var i = 0; i < 250; i += 10)
            {
                await host.PostAsync(id, string.Join('\u001e', Enumerable.Range(i, 10).Select(n => $"4up {n}")));
            }

            using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
            await socket.SendTextAsync("2probe");
            if (wait)
            {
                Assert.Equal("3probe", await socket.ReadTextAsync());
                Volatile.Write(ref upgraded, true);
                await polling.Within();
            }

            await socket.SendTextAsync("5");
            for (var i = 250; i < 500; i++)
            {
                await socket.SendTextAsync($"4up {i}");
            }

            await socket.SendTextAsync("4end");
            await polling.Within();
            await sender.Within();
            while (received.Count < 500)
            {
                var text = await socket.ReadTextAsync();
                if (text != "3probe")
                {
                    received.Add(text);
                }
            }

            await Waiting.Until(() => arrived.Count == 501);
            Assert.Equal(Enumerable.Range(0, 500).Select(i => $"4down {i}"), received);
            Assert.Equal([.. Enumerable.Range(0, 500).Select(i => $"up {i}"), "end"], arrived);
        }
    }

    [Fact]
    public async Task A_close_during_the_probe_ends_poll_and_probe()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);

        session.Session.Close();

        Assert.Equal((200, "6\u001e1"), await host.PollAsync(id));
        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task An_upgrade_that_completes_while_the_server_closes_brings_the_rest_and_the_close()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await ProbeAsync(host, id);
        session.Session.TrySend(Packets.Text("last"));
        session.Session.Close();

        await socket.SendTextAsync("5");

        Assert.Equal("4last", await socket.ReadTextAsync());
        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.Equal("forced close", await session.Closed);
    }

    [Fact]
    public async Task A_discard_at_any_moment_of_the_upgrade_ends_everything_once()
    {
        await using var host = await EngineHost.StartAsync();
        for (var i = 0; i < 40; i++)
        {
            var (id, session) = await host.OpenPollingAsync();
            using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
            var poll = host.PollAsync(id);
            await socket.SendTextAsync("2probe");
            var discard = Task.Run(() => session.Session.Discard(CloseReason.ForcedClose));
            try
            {
                await socket.SendTextAsync("5");
            }
            catch (WebSocketException)
            {
                // The discard was faster.
            }

            await discard;
            await poll;
            await session.Closed;
            Assert.Equal(1, session.CloseCalls);
            while (await socket.ReadTextAsync() is not ("cut" or "close 1000"))
            {
            }
        }

        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_poll_that_the_client_drops_while_it_moves_over_is_forgiven()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await DropPollAsync(host, id, session);
        session.Session.TrySend(Packets.Text("kept"));

        await socket.SendTextAsync("2probe");
        Assert.Equal("3probe", await socket.ReadTextAsync());
        await socket.SendTextAsync("5");

        Assert.Equal("4kept", await socket.ReadTextAsync());
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task A_poll_that_the_client_drops_is_not_forgiven_when_the_upgrade_fails()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await DropPollAsync(host, id, session);
        Assert.False(session.IsClosed);

        time.Advance(10_000);

        Assert.Equal("transport error: poll connection closed prematurely", await session.Closed);
    }

    [Fact]
    public async Task A_client_that_polls_again_after_a_dropped_poll_keeps_its_session()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await DropPollAsync(host, id, session);
        var poll = await host.ParkPollAsync(id, session);

        time.Advance(10_000);
        await host.PostAsync(id, "4still here");

        Assert.Equal((200, "4still here"), await poll);
        Assert.False(session.IsClosed);
    }

    /// <summary>A WebSocket for the session whose probe has been answered.</summary>
    private static async Task<ClientWebSocket> ProbeAsync(EngineHost host, string id)
    {
        var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await socket.SendTextAsync("2probe");
        Assert.Equal("3probe", await socket.ReadTextAsync());
        return socket;
    }

    private static async Task<ClientWebSocket> UpgradeAsync(EngineHost host, string id, TestSession session)
    {
        var socket = await ProbeAsync(host, id);
        await socket.SendTextAsync("5");
        await Waiting.Until(() => session.Session.IsUpgraded);
        return socket;
    }

    private static async Task DropPollAsync(EngineHost host, string id, TestSession session)
    {
        using var raw = await host.OpenRawAsync();
        await raw.SendRequestAsync("GET", $"{EngineHost.PollingQuery}&sid={id}");
        await Waiting.Until(() => session.Session.Transport.IsWritable);
        raw.Dispose();
        await Waiting.Until(() => !session.Session.Transport.IsWritable);
    }
}
