using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What callbacks of a send are elsewhere: told when it has left, in order, once, and only if it has.</summary>
public class FlushTests
{
    [Fact]
    public async Task On_polling_it_completes_when_the_poll_has_taken_what_was_sent()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, socket) = await OpenPollingAsync(host);
        await socket.FlushAsync().Within();

        await socket.SendAsync("a");
        var flushed = socket.FlushAsync();
        await socket.SendAsync("b");
        Assert.False(flushed.IsCompleted);

        Assert.Equal((200, "4a\u001e4b"), await host.PollAsync(id));
        await flushed.Within();
    }

    [Fact]
    public async Task On_WebSocket_it_completes_when_the_frames_are_written()
    {
        await using var host = await EngineHost.StartAsync();
        var (client, session) = await host.OpenWebSocketAsync();
        var socket = session.Session.Socket;

        for (var i = 0; i < 200; i++)
        {
            await socket.SendAsync($"{i}");
        }

        await socket.FlushAsync().Within();
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal($"4{i}", await client.ReadTextAsync());
        }

        client.Dispose();
    }

    [Fact]
    public async Task Each_of_many_completes_once_while_the_client_reads()
    {
        await using var host = await EngineHost.StartAsync();
        var (client, session) = await host.OpenWebSocketAsync();
        var socket = session.Session.Socket;
        var completed = 0;
        var all = new List<Task>();
        for (var i = 0; i < 300; i++)
        {
            await socket.SendAsync(new byte[1000]);
            all.Add(CountAsync());
        }

        for (var i = 0; i < 300; i++)
        {
            await client.ReadTextAsync();
        }

        await Task.WhenAll(all).Within();
        Assert.Equal(300, completed);
        client.Dispose();

        async Task CountAsync()
        {
            await socket.FlushAsync();
            Interlocked.Increment(ref completed);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Four_sends_are_waited_for_four_times(bool isWebSocket)
    {
        await using var host = await EngineHost.StartAsync();
        using var client = isWebSocket ? await host.ConnectAsync(EngineHost.WebSocketQuery) : null;
        var id = isWebSocket ? "" : EngineHost.SessionIdOf((await host.GetAsync(EngineHost.PollingQuery)).Body);
        var socket = (await host.NextSessionAsync()).Session.Socket;
        await socket.FlushAsync().Within();
        var reading = isWebSocket ? ReadFramesAsync() : PollAsync();

        for (var i = 0; i < 4; i++)
        {
            await socket.SendAsync($"{i}");
            await socket.FlushAsync().Within();
            Assert.Equal(0, socket.UnsentBytes);
        }

        Assert.Equal(["40", "41", "42", "43"], await reading.Within());

        async Task<List<string>> PollAsync()
        {
            var got = new List<string>();
            while (got.Count < 4)
            {
                got.AddRange((await host.PollAsync(id)).Body.Split('\u001e'));
            }

            return got;
        }

        async Task<List<string>> ReadFramesAsync()
        {
            var frames = new List<string>();
            while (frames.Count < 5)
            {
                frames.Add(await client!.ReadTextAsync());
            }

            return frames[1..];
        }
    }

    [Fact]
    public async Task It_waits_for_no_message_that_was_sent_later()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = int.MaxValue);
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync("a");
        var flushed = socket.FlushAsync();

        // More than one body holds: the rest stays for the next poll.
        await socket.SendAsync(new string('b', 600_000));
        await socket.SendAsync(new string('c', 600_000));
        var later = socket.FlushAsync();
        await host.PollAsync(id);

        await flushed.Within();
        Assert.False(later.IsCompleted);
        await host.PollAsync(id);
        await later.Within();
    }

    [Fact]
    public async Task A_ping_that_passes_the_queue_does_not_make_it_complete_too_early()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = int.MaxValue, time: time);
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync(new string('a', 999_995));
        await socket.SendAsync("last");
        var flushed = socket.FlushAsync();

        time.Advance(TimeSpan.FromSeconds(25));
        var (_, first) = await host.PollAsync(id);
        Assert.StartsWith("2\u001e4aaa", first, StringComparison.Ordinal);
        Assert.False(first.EndsWith("4last", StringComparison.Ordinal));
        await Waiting.Until(() => socket.UnsentBytes == 5);
        Assert.False(flushed.IsCompleted);

        Assert.Equal((200, "4last"), await host.PollAsync(id));
        await flushed.Within();
    }

    [Fact]
    public async Task Sends_that_stand_in_line_for_room_count_as_sent_before()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 10);
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync("0123456789");
        var waiting = socket.SendAsync("in line");
        var flushed = socket.FlushAsync();

        Assert.Equal((200, "40123456789"), await host.PollAsync(id));
        await waiting.Within();
        Assert.False(flushed.IsCompleted);

        Assert.Equal((200, "4in line"), await host.PollAsync(id));
        await flushed.Within();
    }

    [Fact]
    public async Task It_holds_across_an_upgrade()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, socket) = await OpenPollingAsync(host);
        using var client = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await client.SendTextAsync("2probe");
        Assert.Equal("3probe", await client.ReadTextAsync());
        await socket.SendAsync("a");
        var flushed = socket.FlushAsync();
        Assert.False(flushed.IsCompleted);

        await client.SendTextAsync("5");

        Assert.Equal("4a", await client.ReadTextAsync());
        await flushed.Within();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_fails_with_the_reason_when_the_session_closes_first(bool inLine)
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 1);
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync("never");
        var sent = inLine ? socket.SendAsync("nor this") : Task.CompletedTask;
        var flushed = socket.FlushAsync();

        await host.PostAsync(id, "1");

        var failure = await Assert.ThrowsAsync<SocketDisconnectedException>(() => flushed.Within());
        Assert.Equal(DisconnectReason.TransportClose, failure.Reason);
        await sent.Within();
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => socket.FlushAsync().Within());
    }

    [Fact]
    public async Task A_graceful_close_lets_it_complete()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync("a");
        var before = socket.FlushAsync();
        socket.Close();
        var after = socket.FlushAsync();

        Assert.Equal((200, "4a"), await host.PollAsync(id));

        await before.Within();
        await after.Within();
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_the_message_leaves_all_the_same()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, socket) = await OpenPollingAsync(host);
        await socket.SendAsync("a");
        using var cancel = new CancellationTokenSource();
        var flushed = socket.FlushAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushed.Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.FlushAsync(cancel.Token).Within());
        Assert.Equal((200, "4a"), await host.PollAsync(id));
    }

    private static async Task<(string Id, EngineSocket Socket)> OpenPollingAsync(EngineHost host)
    {
        var (id, session) = await host.OpenPollingAsync();
        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        return (id, session.Session.Socket);
    }
}
