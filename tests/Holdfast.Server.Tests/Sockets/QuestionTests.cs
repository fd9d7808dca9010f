using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Questions to clients, their time limits, and what is kept of them.
public class QuestionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_question_that_nobody_answers_fails_when_its_time_is_up_and_leaves_nothing_behind()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var question = socket.Timeout(Second).EmitWithAckAsync<int>("unknown");
        var frame = await peer.ReadAsync();
        host.Time.Advance(999);
        Assert.False(question.IsCompleted);
        host.Time.Advance(1);
        var failure = await Assert.ThrowsAsync<AckTimeoutException>(() => question.Within());
        Assert.Equal("operation has timed out", failure.Message);
        Assert.Equal(0, socket.Session.Acks.Count);
        await peer.SendAsync(Peer.Answer(frame, "1")); // too late, and no harm
        var next = socket.EmitWithAckAsync<int>("next");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "2"));
        Assert.Equal(2, await next.Within());
    }

    [Fact]
    public async Task A_question_that_is_cancelled_ends_at_once_and_leaves_nothing_behind()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        using var cancellation = new CancellationTokenSource();
        var question = socket.EmitWithAckAsync<int>("unknown", cancellation.Token);
        var frame = await peer.ReadAsync();
        Assert.False(question.IsCompleted);
        await cancellation.CancelAsync();
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question.Within());
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        Assert.Equal(0, socket.Session.Acks.Count);
        await peer.SendAsync(Peer.Answer(frame, "1")); // too late, and no harm
        var next = socket.EmitWithAckAsync<int>("next");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "2"));
        Assert.Equal(2, await next.Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.EmitWithAckAsync<int>("never sent", cancellation.Token));
        await peer.AssertRefusedAsync("/nowhere"); // the next it gets
    }

    [Fact]
    public async Task A_time_limit_of_zero_is_one_and_the_answer_comes_too_late()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var question = socket.Timeout(TimeSpan.Zero).EmitWithAckAsync<int>("echo", 42);
        var many = host.Io.Timeout(TimeSpan.Zero).EmitWithAckAsync<int>("echo", 43);
        var (first, second) = (await peer.ReadAsync(), await peer.ReadAsync());
        Assert.Matches("^42[0-9]+\\[\"echo\",42\\]$", first);
        Assert.Matches("^42[0-9]+\\[\"echo\",43\\]$", second);
        host.Time.Advance(0);
        await Assert.ThrowsAsync<AckTimeoutException>(() => question.Within());
        Assert.Equal(1, (await many.Within()).Missing);
        await peer.SendAsync(Peer.Answer(first, "42"));
        await peer.SendAsync(Peer.Answer(second, "43"));
        await peer.SendAsync("40/nowhere");
        Assert.StartsWith("44/nowhere", await peer.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_limit_that_no_timer_can_have_is_refused_where_it_is_set()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var remote = Assert.Single(await host.Io.FetchSocketsAsync());
        var longest = TimeSpan.FromDays(24);
        foreach (var limit in (TimeSpan[])[longest + TimeSpan.FromTicks(1), TimeSpan.MaxValue, TimeSpan.FromTicks(-1), TimeSpan.MinValue])
        {
            foreach (var set in (Func<object>[])[() => socket.Timeout(limit), () => socket.Volatile.Timeout(limit), () => host.Io.Timeout(limit), () => host.Io.To("room").Timeout(limit), () => remote.Timeout(limit)])
                Assert.Equal("timeout", Assert.Throws<ArgumentOutOfRangeException>(set).ParamName);
        }

        var questions = new[] { longest, Timeout.InfiniteTimeSpan }.Select(limit => socket.Timeout(limit).EmitWithAckAsync<int>("question")).ToArray();
        foreach (var (question, answer) in questions.Zip(["1", "2"]))
        {
            await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), answer));
            Assert.Equal(answer, $"{await question.Within()}");
        }
    }

    [Fact]
    public async Task An_answer_in_time_is_the_result_and_stops_the_clock()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var question = socket.Timeout(Second).EmitWithAckAsync<int>("echo", 42);
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "42"));
        Assert.Equal(42, await question.Within());
        host.Time.Advance(10_000);
        Assert.Equal(0, socket.Session.Acks.Count);
    }

    [Fact]
    public async Task A_broadcast_has_the_first_value_of_each_answer_in_the_order_in_which_they_came()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        using var c = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 3);
        var asking = host.Io.Timeout(Second).EmitWithAckAsync<string>("some event", 1);
        var question = await c.ReadAsync();
        Assert.Equal(question, await a.ReadAsync());
        Assert.Equal(question, await b.ReadAsync());
        foreach (var (peer, values) in new[] { (c, "\"c\",\"more\""), (a, "\"a\""), (b, "\"b\"") })
        {
            Assert.False(asking.IsCompleted);
            await peer.SendAsync(Peer.Answer(question, values));
            await peer.SendAsync("40/nowhere");
            Assert.StartsWith("44/nowhere", await peer.ReadAsync(), StringComparison.Ordinal); // so the answer has been read
        }
        var acks = await asking.Within();
        Assert.Equal(["c", "a", "b"], acks.Responses);
        Assert.Equal(0, acks.Missing);
        Assert.All(host.Io.Sockets.Sockets, socket => Assert.Equal(0, socket.Session.Acks.Count));
    }

    [Fact]
    public async Task A_broadcast_that_one_client_does_not_answer_has_the_answers_of_the_others_and_keeps_no_question()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        using var c = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 3);
        var asking = host.Io.Timeout(Second).EmitWithAckAsync<int>("some event");
        var question = await a.ReadAsync();
        await a.SendAsync(Peer.Answer(question, "1"));
        await b.SendAsync(Peer.Answer(question, "2"));
        await Waiting.Until(() => host.Io.Sockets.Sockets.Sum(socket => socket.Session.Acks.Count) == 1);
        Assert.False(asking.IsCompleted);
        host.Time.Advance(Second);
        var acks = await asking.Within();
        Assert.Equal([1, 2], acks.Responses.Order());
        Assert.Equal(1, acks.Missing);
        Assert.All(host.Io.Sockets.Sockets, socket => Assert.Equal(0, socket.Session.Acks.Count));
    }

    [Fact]
    public async Task Without_a_time_limit_a_broadcast_waits_five_seconds_and_a_socket_until_it_is_disconnected()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var one = socket.EmitWithAckAsync<int>("one");
        var many = host.Io.EmitWithAckAsync<int>("many");
        host.Time.Advance(4_999);
        Assert.False(many.IsCompleted);
        host.Time.Advance(1);
        Assert.Equal(1, (await many.Within()).Missing);
        Assert.False(one.IsCompleted);
        await peer.SendAsync("41");
        var failure = await Assert.ThrowsAsync<SocketDisconnectedException>(() => one.Within());
        Assert.Equal(DisconnectReason.ClientNamespaceDisconnect, failure.Reason);
        Assert.Equal(0, socket.Session.Acks.Count);
    }

    [Fact]
    public async Task A_broadcast_to_nobody_is_answered_at_once()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var acks = await host.Io.To("an empty room").Timeout(Second).EmitWithAckAsync<int>("some event").Within();
        Assert.Empty(acks.Responses);
        Assert.Equal(0, acks.Missing);
    }
}
