using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What handlers send on the thread that reads leaves behind the messages that came together; who sends from elsewhere doesn't wait for them.</summary>
public class InlineWriteTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Answers_to_messages_that_came_together_leave_in_one_write_and_in_order()
    {
        await using var host = await EngineHost.StartAsync();
        var (channel, run, _) = await UpgradeAsync(host);

        channel.Send("4a", "4b", "4c");
        await channel.NotedAsync("4c");
        await Waiting.Until(() => channel.Notes[^1] == "flush");

        Assert.Equal(["3probe", "flush", "4a", "4b", "4c", "flush"], channel.Notes);
        channel.End();
        await run.Within();
        Assert.Equal(["close 1000", "disposed"], channel.Notes[^2..]);
    }

    [Fact]
    public async Task A_reader_writes_one_batch_and_reads_on_while_the_pool_writes_the_rest()
    {
        await using var host = await EngineHost.StartAsync();
        var (channel, run, session) = await UpgradeAsync(host);
        using var readOn = new ManualResetEventSlim();
        var flushes = 0;
        channel.Flushing = () =>
        {
            // The network takes it at once, but whoever writes more than a batch is busy for long.
            if (Interlocked.Increment(ref flushes) == 2)
            {
                Assert.True(readOn.Wait(Limit));
            }
        };
        session.Received = text =>
        {
            for (var i = 0; text == "a" && i < 100; i++)
            {
                session.Session.TrySend(Packets.Text($"{i}"));
            }

            if (text == "b")
            {
                readOn.Set();
            }

            return default;
        };

        channel.Send("4a");
        channel.Send("4b");

        await channel.NotedAsync("499").Within();
        await Waiting.Until(() => channel.Notes[^1] == "flush");
        Assert.True(readOn.IsSet);
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => $"4{i}"), "flush", .. Enumerable.Range(64, 36).Select(i => $"4{i}"), "flush"], channel.Notes[2..]);
        channel.End();
        await run.Within();
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_holds_back_nothing_that_others_send()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        using var release = new ManualResetEventSlim();
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Received = text =>
        {
            session.Session.TrySend(Packets.Text("own " + text));
            inside.TrySetResult();
            Assert.True(release.Wait(Limit));
            return default;
        };

        await raw.SendFrameAsync(1, "4a");
        await inside.Task.Within();
        Assert.True(session.Session.UnsentBytes > 0); // waits for the handler, or for somebody else to send
        session.Session.TrySend(Packets.Text("other"));

        Assert.Equal("1:4own a", await raw.ReadFrameAsync());
        Assert.Equal("1:4other", await raw.ReadFrameAsync());
        Assert.False(release.IsSet);
        release.Set();
        await raw.SendFrameAsync(1, "4b");
        Assert.Equal("1:4own b", await raw.ReadFrameAsync());
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_has_the_heartbeat_go_on()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        using var release = new ManualResetEventSlim();
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Received = _ =>
        {
            inside.TrySetResult();
            Assert.True(release.Wait(Limit));
            return default;
        };
        await raw.SendFrameAsync(1, "4a");
        await inside.Task.Within();

        time.Advance(host.Server.Options.PingInterval);

        Assert.Equal("1:2", await raw.ReadFrameAsync());
        release.Set();
    }

    [Fact]
    public async Task What_a_handler_has_sent_leaves_when_it_awaits()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Received = async text =>
        {
            session.Session.TrySend(Packets.Text("begun " + text));
            await finish.Task;
            session.Session.TrySend(Packets.Text("done " + text));
        };

        await raw.SendAsync([.. RawConnection.Frame(1, "4a"u8.ToArray(), fin: true), .. RawConnection.Frame(1, "4b"u8.ToArray(), fin: true)]);

        Assert.Equal("1:4begun a", await raw.ReadFrameAsync());
        finish.SetResult();
        Assert.Equal("1:4done a", await raw.ReadFrameAsync());
        Assert.Equal("1:4begun b", await raw.ReadFrameAsync());
        Assert.Equal("1:4done b", await raw.ReadFrameAsync());
    }

    [Theory]
    [InlineData(300, 1000, 250)]
    [InlineData(2500, 0, 2000)]
    public async Task What_a_handler_sends_in_large_quantity_leaves_before_it_returns(int count, int length, int before)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        using var release = new ManualResetEventSlim();
        session.Received = _ =>
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(session.Session.TrySend(Packets.Text($"{i} " + new string('x', length))));
            }

            Assert.True(release.Wait(Limit));
            return default;
        };

        await raw.SendFrameAsync(1, "4a");

        for (var i = 0; i < count; i++)
        {
            if (i == before)
            {
                release.Set();
            }

            Assert.StartsWith($"1:4{i} ", await raw.ReadFrameAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_handler_may_block_its_thread_until_there_is_room()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 1000);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        session.Received = _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.True(session.Session.SendAsync(Packets.Text($"{i} " + new string('x', 400)), CancellationToken.None).Wait(Limit));
            }

            return default;
        };

        await raw.SendFrameAsync(1, "4a");

        for (var i = 0; i < 100; i++)
        {
            Assert.StartsWith($"1:4{i} ", await raw.ReadFrameAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_order_of_each_sender_holds_while_the_reader_and_others_send_at_once()
    {
        const int Count = 3000;
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();
        var others = Task.WhenAll(Enumerable.Range(0, 2).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await session.Session.SendAsync(Packets.Text($"{sender}:{i}"), CancellationToken.None);
            }
        })));
        var echoes = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await socket.SendTextAsync($"42:{i}");
            }
        });

        var next = new int[3];
        for (var received = 0; received < 3 * Count; received++)
        {
            var text = await socket.ReadTextAsync();
            var sender = text[1] - '0';
            Assert.Equal($"4{sender}:{next[sender]++}", text);
        }

        await others.Within();
        await echoes.Within();
    }

    [Fact]
    public async Task Of_volatile_packets_in_a_handler_the_first_leaves_if_nothing_else_waits()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        await Waiting.Until(() => session.Session.IsWritable);
        var left = new List<bool>();
        session.Received = text =>
        {
            if (text == "behind")
            {
                session.Session.TrySend(Packets.Text("first"));
            }

            left.Add(session.Session.TrySendVolatile(Packets.Text("a")));
            left.Add(session.Session.TrySendVolatile(Packets.Text("b")));
            return default;
        };

        await raw.SendFrameAsync(1, "4alone");
        Assert.Equal("1:4a", await raw.ReadFrameAsync());
        Assert.Equal([true, false], left);
        await Waiting.Until(() => session.Session.IsWritable);
        await raw.SendFrameAsync(1, "4behind");
        Assert.Equal("1:4first", await raw.ReadFrameAsync());
        Assert.Equal([true, false, false, false], left);
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_echoes_is_not_read_from_either_and_then_misses_nothing()
    {
        const int Count = 20_000;
        var text = new string('x', 1000);
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 50_000);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        var received = 0;
        session.Received = message =>
        {
            Interlocked.Increment(ref received);
            return new ValueTask(session.Session.SendAsync(Packets.Text(message), CancellationToken.None));
        };

        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await raw.SendFrameAsync(1, $"4{i} {text}");
            }
        });
        var unsent = 0; // a full outbox empties once more as long as the client's socket takes something
        await Waiting.Until(() => (unsent = session.Session.UnsentBytes) >= 50_000 || sending.IsCompleted);
        Assert.False(sending.IsCompleted); // 20 MB are more than what sockets and pipes hold
        Assert.InRange(unsent, 50_000, 52_000);
        for (var i = 0; i < Count; i++)
        {
            Assert.StartsWith($"1:4{i} x", await raw.ReadFrameAsync(), StringComparison.Ordinal);
        }

        await sending.Within();
        Assert.Equal(Count, received);
    }

    [Fact]
    public async Task The_farewell_of_a_probe_waits_for_the_answer_to_the_probe()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (channel, run) = Probe((await host.OpenPollingAsync()).Session);
        channel.HoldFlushes();
        channel.Send("2probe");
        await channel.NotedAsync("flush");

        // The upgrade's deadline passes while the answer is being written.
        time.Advance(host.Server.Options.UpgradeTimeout);
        for (var i = 0; i < 20; i++)
        {
            // A writer that didn't wait would have its turn among these.
            await Waiting.Until(() => ThreadPool.PendingWorkItemCount == 0);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Thread.SpinWait(1000)))).Within();
        }

        Assert.Equal(["3probe", "flush"], channel.Notes);
        channel.LetFlushesGo();
        await channel.NotedAsync("close 1000");
        channel.End();
        await run.Within();
        Assert.False(channel.Overlapped);
        Assert.Equal(["3probe", "flush", "close 1000", "disposed"], channel.Notes);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_not_written_to_any_more()
    {
        await using var host = await EngineHost.StartAsync();
        var (channel, run, session) = await UpgradeAsync(host);
        session.Received = _ =>
        {
            channel.HasPing = true;
            session.Session.TrySend(Packets.Text("a"));
            session.Session.Discard(CloseReason.ForcedClose);
            return default;
        };

        channel.Send("4a");
        await run.Within();
        await channel.NotedAsync("abort");

        Assert.Equal(["3probe", "flush"], channel.Notes[..2]);
        Assert.Equal(["abort", "disposed"], channel.Notes[2..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_ping_behind_the_servers_close_frame_is_not_answered()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();
        await raw.SendFrameAsync(9, "before");
        Assert.Equal("10:before", await raw.ReadFrameAsync());

        session.Session.Close();
        Assert.Equal("8:1000", await raw.ReadFrameAsync());
        await raw.SendFrameAsync(9, "behind");
        await raw.SendFrameAsync(9, "");
        await raw.SendFrameAsync(8, "");

        Assert.Equal("", await raw.ReadToEndAsync());
    }

    [Fact]
    public async Task A_ping_is_answered_behind_the_answers_to_the_messages_that_came_with_it()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        await raw.SendAsync([.. RawConnection.Frame(9, "ping"u8.ToArray(), fin: true), .. RawConnection.Frame(1, "4a"u8.ToArray(), fin: true)]);

        Assert.Equal("1:4a", await raw.ReadFrameAsync());
        Assert.Equal("10:ping", await raw.ReadFrameAsync());
        Assert.False(session.IsClosed);
    }

    /// <summary>A session that has moved from polling to a scripted WebSocket.</summary>
    private static async Task<(ScriptedChannel Channel, Task Run, TestSession Session)> UpgradeAsync(EngineHost host)
    {
        var (_, session) = await host.OpenPollingAsync();
        var (channel, run) = Probe(session);
        channel.Send("2probe");
        await channel.NotedAsync("flush");
        channel.Send("5");
        await Waiting.Until(() => session.Session.IsUpgraded);
        return (channel, run, session);
    }

    private static (ScriptedChannel Channel, Task Run) Probe(TestSession session)
    {
        var channel = new ScriptedChannel();
        var probe = new WebSocketTransport(session.Session, isProbe: true, base64: false);
        Assert.True(session.Session.TryBeginUpgrade(probe));
        return (channel, probe.RunAsync(channel));
    }
}
