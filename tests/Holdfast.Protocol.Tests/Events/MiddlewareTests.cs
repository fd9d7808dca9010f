using Holdfast.Protocol.Tests.MessagePack;

namespace Holdfast.Protocol.Tests.Events;

// What stands between the catch-all listeners and the handlers. Only servers show it, in ServerSocket.Use.
public sealed class MiddlewareTests
{
    private readonly TestSocket _socket = new();
    private readonly List<string> _seen = [];

    [Fact]
    public async Task Each_middleware_stands_around_those_behind_it_and_the_handlers()
    {
        _socket.OnAny(_ => _seen.Add("any"));
        Use("a");
        Use("b");
        _socket.On("x", async () =>
        {
            await Task.Yield();
            _seen.Add("handler");
        });

        await _socket.ReceiveAsync("\"x\"");

        Assert.Equal(["any", "a in", "b in", "handler", "b out", "a out"], _seen);

        void Use(string name) => _socket.Front.Use(async (_, next) =>
        {
            _seen.Add($"{name} in");
            await next();
            _seen.Add($"{name} out");
        });
    }

    [Fact]
    public void Who_does_not_call_next_ends_the_event_and_may_answer_it()
    {
        _socket.Front.Use((context, _) => context.AckAsync("no"));
        _socket.Front.Use((_, _) => throw new InvalidOperationException("never"));
        _socket.On("x", () => "yes");

        _socket.Receive("\"x\"", 3);

        Assert.Equal(["433[\"no\"]"], _socket.Sent);
        Assert.Empty(_socket.Failures);
    }

    [Fact]
    public void Arguments_that_are_replaced_reach_the_next_middleware_and_the_handlers()
    {
        _socket.Front.Use((context, next) =>
        {
            context.ReplaceArguments(["wrap", .. context.Arguments.ToArray()]);
            return next();
        });
        _socket.Front.Use((context, next) =>
        {
            _seen.Add(string.Join(' ', context.Arguments));
            context.ReplaceArgument(1, new { n = 2 });
            return next();
        });
        _socket.On("x", (string wrap, EventArgument one, double? untouched, string? missing, EventArguments all) =>
            _seen.Add($"{wrap} {one} {untouched} {missing ?? "null"} {all.Count}"));

        _socket.Receive("\"x\",1,1.50");

        Assert.Equal(["\"wrap\" 1 1.50", "wrap {\"n\":2} 1.5 null 3"], _seen);
    }

    [Fact]
    public void Arguments_that_are_left_alone_stay_the_bytes_that_came()
    {
        _socket.Front.Use((context, next) =>
        {
            context.ReplaceArgument(0, new byte[] { 9 });
            return next();
        });
        _socket.On("x", (EventArguments all) => _socket.EmitCoreAsync("back", all.ToArray()));

        var running = _socket.DispatchAsync(Wire.Decode(
            "51-[\"x\",0,{\"b\":{\"_placeholder\":true,\"num\":0},\"big\":12345678901234567890.10},\"\\u00fc\"]", [1, 2]));

        Assert.True(running.IsCompletedSuccessfully);
        Assert.Equal(
            ["452-[\"back\",{\"_placeholder\":true,\"num\":0},{\"b\":{\"_placeholder\":true,\"num\":1},\"big\":12345678901234567890.10},\"\\u00fc\"] <09> <01 02>"],
            _socket.Sent);
    }

    [Fact]
    public void What_replaces_an_argument_is_written_in_the_format_of_the_socket()
    {
        var socket = new TestSocket { Format = Pack.Parser };
        byte[] relayed = [];
        socket.Front.Use((context, next) =>
        {
            context.ReplaceArgument(0, new byte[] { 9 });
            context.ReplaceArguments([.. context.Arguments.ToArray(), "more"]);
            return next();
        });
        socket.On("x", (byte[] nine, double extra, string more, EventArguments all) => { relayed = Pack.Event([nine.Length, extra, more, .. all.ToArray()]); });

        var running = socket.DispatchAsync(Pack.Decode("83 'type' 02 'nsp' '/' 'data' 93 'x' 01 cb3ff8000000000000"));

        Assert.True(running.IsCompletedSuccessfully);
        Assert.Equal(
            Pack.Bytes("83 'type' 02 'nsp' '/' 'data' 97 'x' 01 cb3ff8000000000000 'more' c40109 cb3ff8000000000000 'more'"),
            relayed);
    }

    [Fact]
    public void What_replaces_an_argument_is_taken_at_once()
    {
        var list = new List<int> { 1 };
        _socket.Front.Use((context, next) =>
        {
            context.ReplaceArguments([list]);
            list.Add(2);
            return next();
        });
        _socket.On("x", (int[] numbers) => _seen.Add(string.Join(',', numbers)));

        _socket.Receive("\"x\",0");

        Assert.Equal(["1"], _seen);
    }

    [Fact]
    public void An_argument_that_the_event_does_not_have_can_not_be_replaced()
    {
        Exception? fault = null;
        _socket.Front.Use((context, _) =>
        {
            fault = Record.Exception(() => context.ReplaceArgument(1, 1));
            return Task.CompletedTask;
        });

        _socket.Receive("\"x\",0");

        Assert.IsType<ArgumentOutOfRangeException>(fault);
    }

    [Fact]
    public void A_new_name_leads_to_the_handlers_of_that_name_and_reserved_ones_are_refused()
    {
        Exception? fault = null;
        _socket.Front.Use((context, next) =>
        {
            fault = Record.Exception(() => context.EventName = "disconnect");
            context.EventName = "wrap";
            return next();
        });
        _socket.On("x", () => _seen.Add("x"));
        _socket.On("wrap", (int n) => _seen.Add($"wrap {n}"));

        _socket.Receive("\"x\",1");

        Assert.Equal(["wrap 1"], _seen);
        Assert.IsType<ArgumentException>(fault);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handlers_failure_passes_through_next_and_is_reported_once(bool later)
    {
        _socket.Front.Use(async (_, next) =>
        {
            try
            {
                await next();
            }
            finally
            {
                _seen.Add("cleaned up");
            }
        });
        _socket.Front.Use((_, next) => next());
        _socket.On("x", async () =>
        {
            if (later)
            {
                await Task.Yield();
            }

            throw new InvalidOperationException("on purpose");
        });

        await _socket.ReceiveAsync("\"x\"");

        Assert.Equal(["cleaned up"], _seen);
        Assert.Equal(["x: on purpose"], _socket.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_middleware_may_answer_for_a_handler_that_failed(bool later)
    {
        _socket.Front.Use(async (context, next) =>
        {
            try
            {
                await next();
            }
            catch (InvalidOperationException failure)
            {
                await context.AckAsync(new { error = failure.Message });
            }
        });
        _socket.On("x", async Task<int> () =>
        {
            if (later)
            {
                await Task.Yield();
            }

            throw new InvalidOperationException("on purpose");
        });

        await _socket.ReceiveAsync("\"x\"", 1);

        Assert.Equal(["431[{\"error\":\"on purpose\"}]"], _socket.Sent);
        Assert.Empty(_socket.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_middleware_that_does_not_wait_for_next_neither_ends_the_event_early_nor_hides_a_failure(bool later)
    {
        var gate = new TaskCompletionSource();
        _socket.Front.Use((context, next) =>
        {
            _ = next();
            return Task.CompletedTask;
        });
        _socket.On("x", async () =>
        {
            if (later)
            {
                await gate.Task;
            }

            throw new InvalidOperationException("on purpose");
        });

        var running = _socket.ReceiveAsync("\"x\"");
        Assert.Equal(!later, running.IsCompleted);
        gate.SetResult();
        await running;

        Assert.Equal(["x: on purpose"], _socket.Failures);
    }

    [Fact]
    public void Next_counts_once_and_only_while_the_event_lasts()
    {
        Func<Task>? kept = null;
        _socket.Front.Use(async (_, next) =>
        {
            kept = next;
            await next();
            await next();
        });
        _socket.On("x", () => _seen.Add("x"));

        _socket.Receive("\"x\"");

        Assert.Equal(["x"], _seen);
        Assert.Equal(["x: A middleware called next twice for one event."], _socket.Failures);
        Assert.Contains("after its event was over", Assert.Throws<InvalidOperationException>(() => { _ = kept!(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_handled_on_a_socket_that_was_disconnected_meanwhile()
    {
        _socket.Front.Use(async (_, next) =>
        {
            _socket.Close();
            await next();
            _seen.Add("after next");
        });
        _socket.On("x", () => _seen.Add("handler"));

        await _socket.ReceiveAsync("\"x\"");

        Assert.Equal(["after next"], _seen);
    }

    [Fact]
    public async Task Nothing_passes_a_catch_all_that_disconnected_the_socket()
    {
        _socket.OnAny(_ => _socket.Close());
        _socket.Front.Use((_, next) =>
        {
            _seen.Add("middleware");
            return next();
        });
        _socket.On("x", () => _seen.Add("handler"));

        await _socket.ReceiveAsync("\"x\"");

        Assert.Empty(_seen);
    }
}
