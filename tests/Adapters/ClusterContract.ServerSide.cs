using System.Collections.Concurrent;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// What servers emit to each other.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task An_event_to_the_other_servers_reaches_these_and_not_the_own_one_nor_any_client()
    {
        var heard = new ConcurrentQueue<string>();
        var hosts = new[]
        {
            await StartAsync(io => io.OnServerSideEmit("hello", (int one, string two) => heard.Enqueue($"a {one} {two}"))),
            await StartAsync(io => io.OnServerSideEmit("hello", (int one, string two, byte[] three) => heard.Enqueue($"b {one} {two} {three[1]}"))),
            await StartAsync(io => io.OnServerSideEmit("hello", (EventArguments all) => heard.Enqueue($"c {all.Count}"))),
        };
        var client = await JoinAsync(hosts[1]);
        await hosts[0].Io.ServerSideEmitAsync("hello", 1, "two", new byte[] { 3, 4 });
        await Waiting.Until(() => heard.Count == 2);
        await hosts[1].Io.ServerSideEmitAsync("hello", 5, "six");
        await Waiting.Until(() => heard.Count == 4);
        Assert.Equal(["a 5 six", "b 1 two 4", "c 2", "c 3"], heard.Order(StringComparer.Ordinal));
        await client.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task An_event_between_servers_belongs_to_its_namespace()
    {
        var heard = new ConcurrentQueue<string>();
        var hosts = await StartAsync(2, io =>
        {
            io.OnServerSideEmit("hello", () => heard.Enqueue("main"));
            io.Of("/chat").OnServerSideEmit("hello", () => heard.Enqueue("chat"));
        });
        await hosts[0].Io.Of("/chat").ServerSideEmitAsync("hello");
        await hosts[0].Io.Of("/only here").ServerSideEmitAsync("hello");
        await hosts[0].Io.ServerSideEmitAsync("hello");
        await Waiting.Until(() => heard.Count == 2);
        Assert.Equal(["chat", "main"], heard.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_event_between_servers_comes_behind_what_was_emitted_before()
    {
        var host = await StartAsync();
        var other = await StartAsync(io => io.OnServerSideEmit("now", () => io.Local.EmitAsync("second")));
        var client = await JoinAsync(other);
        for (var i = 0; i < 50; i++)
        {
            var first = host.Io.EmitAsync("first");
            var now = host.Io.ServerSideEmitAsync("now");
            Assert.Equal("""42["first"]""", await client.ReadAsync());
            Assert.Equal("""42["second"]""", await client.ReadAsync());
            await Task.WhenAll(first, now).Within();
        }
    }

    [Fact]
    public async Task The_other_servers_answer_with_what_their_handlers_return()
    {
        var host = await StartAsync(io => io.OnServerSideEmit("sum", (int a, int b) => -1));
        await StartAsync(io => io.OnServerSideEmit("sum", (int a, int b) => a + b));
        await StartAsync(io => io.OnServerSideEmit("sum", async (int a, int b) =>
        {
            await Task.Yield();
            return 10 * (a + b);
        }));
        var answers = await host.Io.ServerSideEmitWithAckAsync<int>("sum", 2, 3).Within();
        Assert.Equal([5, 50], answers.Responses.Order());
        Assert.Equal(0, answers.Missing);
    }

    [Fact]
    public async Task Answers_of_servers_may_be_binary_and_null()
    {
        var host = await StartAsync();
        await StartAsync(io =>
        {
            io.OnServerSideEmit("bytes", (byte[] bytes) => new { reversed = bytes.Reverse().ToArray() });
            io.OnServerSideEmit("null", () => (string?)null);
        });
        var bytes = await host.Io.ServerSideEmitWithAckAsync<Reversed>("bytes", new byte[] { 1, 2, 3 }).Within();
        Assert.Equal([3, 2, 1], Assert.Single(bytes.Responses).reversed);
        Assert.Null(Assert.Single((await host.Io.ServerSideEmitWithAckAsync<string?>("null").Within()).Responses));
    }

    [Fact]
    public async Task A_server_that_has_no_answer_is_missing_at_once()
    {
        var host = await StartAsync();
        await StartAsync(io => io.OnServerSideEmit("question", () => 1)); // answers
        await StartAsync(io => io.OnServerSideEmit("question", () => { })); // has no result
        await StartAsync(io => io.OnServerSideEmit("other", () => 1)); // does not listen
        await StartAsync(io => io.OnServerSideEmit("question", () => "text")); // answers with something else
        await StartAsync(io => io.OnServerSideEmit("question", (DateTime unfit) => 1)); // can't be called with these arguments
        var failing = await StartAsync(io => io.OnServerSideEmit("question", int () => throw new InvalidOperationException("of the application")));
        failing.ExpectedComplaints = 1;
        var answers = await host.Io.ServerSideEmitWithAckAsync<int>("question", "argument").Within(); // nobody has moved the clock
        Assert.Equal([1], answers.Responses);
        Assert.Equal(5, answers.Missing);
        Assert.Contains("question", Assert.Single(failing.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_missing_and_its_late_answer_is_ignored()
    {
        var late = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var through = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await StartAsync();
        await StartAsync(io => io.OnServerSideEmit("question", () => late.Task));
        await StartAsync(io =>
        {
            io.OnServerSideEmit("question", () => 1);
            io.OnServerSideEmit("through?", () => through.TrySetResult());
        });
        await using (await JoinMuteAsync())
        {
            await Waiting.Until(() => host.Io.ServerCount == 4);
            var asked = host.Io.ServerSideEmitWithAckAsync<int>("question");
            await host.Io.ServerSideEmitAsync("through?");
            await through.Task.Within(); // what stood in line before has been answered
            await SettleAsync();
            var answers = await host.WhileTimePassesAsync(asked);
            Assert.Equal([1], answers.Responses);
            Assert.Equal(2, answers.Missing);
        }
        await Waiting.Until(() => host.Io.ServerCount == 3);
        late.SetResult(2);
        Assert.Equal([1, 2], (await host.Io.ServerSideEmitWithAckAsync<int>("question").Within()).Responses.Order());
    }

    [Fact]
    public async Task A_server_that_leaves_does_not_answer()
    {
        var host = await StartAsync();
        await StartAsync(io => io.OnServerSideEmit("question", () => 1));
        var never = await StartAsync(io => io.OnServerSideEmit("question", () => new TaskCompletionSource<int>().Task));
        var mute = await JoinMuteAsync();
        await Waiting.Until(() => host.Io.ServerCount == 4);
        var asked = host.Io.ServerSideEmitWithAckAsync<int>("question");
        await SettleAsync();
        await mute.DisposeAsync();
        await StopAsync(never);
        var answers = await asked.Within(); // nobody has moved the clock
        Assert.Equal([1], answers.Responses);
        Assert.Equal(2, answers.Missing);
    }

    [Fact]
    public async Task Events_of_one_server_are_handled_in_order_and_one_at_a_time_and_those_of_two_side_by_side()
    {
        var heard = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (a, b) = (await StartAsync(), await StartAsync());
        await StartAsync(io => io.OnServerSideEmit("event", async (string name) =>
        {
            heard.Enqueue(name);
            if (name == "a1")
                await gate.Task;
        }));
        await a.Io.ServerSideEmitAsync("event", "a1");
        await a.Io.ServerSideEmitAsync("event", "a2");
        await b.Io.ServerSideEmitAsync("event", "b1");
        await b.Io.ServerSideEmitAsync("event", "b2");
        await Waiting.Until(() => heard.Count == 3);
        Assert.Equal(["a1", "b1", "b2"], heard.Order(StringComparer.Ordinal));
        gate.SetResult();
        await Waiting.Until(() => heard.Count == 4);
        Assert.Equal("a2", heard.Last());
    }

    [Fact]
    public async Task What_waits_for_slow_handlers_is_bounded()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = 0;
        var host = await StartAsync();
        var slow = await StartAsync(
            io => io.OnServerSideEmit("event", async (string text) =>
            {
                Interlocked.Increment(ref heard);
                await gate.Task;
            }),
            options => options.InboxLimit = 10_000);
        slow.ExpectedComplaints = 1;
        await host.Io.ServerSideEmitAsync("event", "first");
        await Waiting.Until(() => Volatile.Read(ref heard) == 1);
        for (var i = 0; i < 20; i++)
            await host.Io.ServerSideEmitAsync("event", new string('x', 1000));
        // One that is dropped has no answer, which is told at once.
        var answers = await host.Io.ServerSideEmitWithAckAsync<int>("event", new string('x', 1000)).Within();
        Assert.Equal(1, answers.Missing);
        Assert.Contains("OnServerSideEmit", Assert.Single(slow.Complaints), StringComparison.Ordinal);
        gate.SetResult();
        await Waiting.Until(() => Volatile.Read(ref heard) == 8); // 7 of them have found room
        await host.Io.ServerSideEmitAsync("event", "again");
        await Waiting.Until(() => Volatile.Read(ref heard) == 9);
    }

    [Fact]
    public async Task A_handler_has_services_and_an_event_of_a_server_has_no_socket()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await StartAsync();
        await StartAsync(io => io.OnServerSideEmit("event", (string text, EventContext context) =>
        {
            Assert.NotNull(context.Services.GetService(typeof(Scoped)));
            Assert.Throws<InvalidOperationException>(() => context.Socket);
            heard.TrySetResult($"{context.EventName} {text} {context.HasAck}");
        }));
        await host.Io.ServerSideEmitAsync("event", "text");
        Assert.Equal("event text False", await heard.Task.Within());
    }

    [Fact]
    public async Task A_handler_that_was_taken_back_is_not_called()
    {
        var heard = 0;
        var host = await StartAsync();
        var other = await StartAsync();
        using (other.Io.OnServerSideEmit("event", () => Interlocked.Increment(ref heard)))
            Assert.Equal([1], (await host.Io.ServerSideEmitWithAckAsync<int>("event").Within()).Responses);
        Assert.Equal(1, (await host.Io.ServerSideEmitWithAckAsync<int>("event").Within()).Missing);
        Assert.Equal(1, heard);
        foreach (var name in new[] { "connect", "connection", "new_namespace", "disconnect" })
            Assert.Throws<ArgumentException>(() => other.Io.OnServerSideEmit(name, () => { }));
    }

    private sealed record Reversed(byte[] reversed);
}
