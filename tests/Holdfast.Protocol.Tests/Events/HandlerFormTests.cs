namespace Holdfast.Protocol.Tests.Events;

/// <summary>Each form of handler means what it looks like: the compiler picks the overload, so most of the test is that this compiles.</summary>
public sealed class HandlerFormTests
{
    private readonly TestSocket _socket = new();
    private readonly List<object?> _seen = [];

    [Fact]
    public void Nothing_comes_back_from_an_action()
    {
        _socket.On("x", () => _seen.Add(0));
        _socket.On("y", () => { _seen.Add(1); });
        _socket.On("y", (int a) => { _seen.Add(a); });
        _socket.On("y", (string a) => Note(a));

        _socket.Receive("\"y\",\"7\"", ackId: 1);

        Assert.Equal([1, 7, "7"], _seen);
        Assert.Empty(_socket.Sent);
    }

    [Fact]
    public void A_value_that_comes_back_is_the_ack()
    {
        _socket.On("x", () => 5);
        _socket.On("sum", (int a, int b) => a + b);
        _socket.On("text", (string a) => a.ToUpperInvariant());
        _socket.On("block", (int a) =>
        {
            _seen.Add(a);
            return new { Ok = true };
        });

        _socket.Receive("\"x\"", 1).Receive("\"sum\",2,3", 2).Receive("\"text\",\"a\"", 3).Receive("\"block\",4", 4);

        Assert.Equal(["431[5]", "432[5]", "433[\"A\"]", "434[{\"ok\":true}]"], _socket.Sent);
    }

    [Fact]
    public async Task An_async_lambda_without_value_is_awaited_and_acks_nothing()
    {
        var gate = new TaskCompletionSource();
        _socket.On("x", async () => await gate.Task);
        _socket.On("x", async (int a) =>
        {
            await gate.Task;
            _seen.Add(a);
        });

        var running = _socket.ReceiveAsync("\"x\",1", ackId: 1);

        Assert.False(running.IsCompleted);
        gate.SetResult();
        await running;
        Assert.Equal([1], _seen);
        Assert.Empty(_socket.Sent);
    }

    [Fact]
    public async Task An_async_lambda_with_a_value_acks_it()
    {
        var gate = new TaskCompletionSource();
        _socket.On("x", async (int a) =>
        {
            await gate.Task;
            return a + 1;
        });
        _socket.On("y", () => Task.FromResult("at once"));

        var running = _socket.ReceiveAsync("\"x\",1", ackId: 1);
        gate.SetResult();
        await running;
        _socket.Receive("\"y\"", 2);

        Assert.Equal(["431[2]", "432[\"at once\"]"], _socket.Sent);
    }

    [Fact]
    public async Task An_expression_that_emits_is_awaited_and_is_no_ack()
    {
        var gate = new TaskCompletionSource();
        _socket.SendGate = gate.Task;
        _socket.On("x", (string text) => _socket.EmitAsync("y", text));
        _socket.On("z", async (string text) => await _socket.EmitAsync("y", text));

        var first = _socket.ReceiveAsync("\"x\",\"a\"", ackId: 1);
        var second = _socket.ReceiveAsync("\"z\",\"b\"", ackId: 2);

        Assert.False(first.IsCompleted || second.IsCompleted);
        gate.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(["42[\"y\",\"a\"]", "42[\"y\",\"b\"]"], _socket.Sent);
    }

    [Fact]
    public void Method_groups_bind_with_their_types()
    {
        _socket.On<string>("x", Note);
        _socket.On<int, int>("y", NoteAsync);
        _socket.On<int, int, int>("sum", Math.Max);

        _socket.Receive("\"x\",\"a\"").Receive("\"y\",3").Receive("\"sum\",4,9", 1);

        Assert.Equal(["a", 3], _seen);
        Assert.Equal(["431[9]"], _socket.Sent);

        Task<int> NoteAsync(int value)
        {
            _seen.Add(value);
            return Task.FromResult(value);
        }
    }

    [Fact]
    public void Six_arguments_and_the_context_bind_in_all_four_forms()
    {
        _socket.On("x", (int a, int b, int c, int d, int e, int f, EventContext context) => Note($"{a}{b}{c}{d}{e}{f}{context.EventName}"));
        _socket.On("x", (int a, int b, int c, int d, int e, int f, EventContext context) => Task.CompletedTask);
        _socket.On("x", (int a, int b, int c, int d, int e, int f, EventContext context) => a + b + c + d + e + f);
        _socket.On("x", (int a, int b, int c, int d, int e, int f, EventContext context) => Task.FromResult(0));

        _socket.Receive("\"x\",1,2,3,4,5,6,7", 1);

        Assert.Equal(["123456x"], _seen);
        Assert.Equal(["431[21]"], _socket.Sent);
    }

    [Fact]
    public void Every_number_of_parameters_binds_from_left_to_right()
    {
        _socket.On("x", (int a, int b) => Note($"{a}{b}"));
        _socket.On("x", (int a, int b, int c) => Note($"{a}{b}{c}"));
        _socket.On("x", (int a, int b, int c, int d) => Note($"{a}{b}{c}{d}"));
        _socket.On("x", (int a, int b, int c, int d, int e) => Note($"{a}{b}{c}{d}{e}"));
        _socket.On("x", (int a, int b, int c, int d, int e, int f) => Note($"{a}{b}{c}{d}{e}{f}"));
        _socket.On("x", (int a, int b, int c, int d, int e, int f, int g) => Note($"{a}{b}{c}{d}{e}{f}{g}"));

        _socket.Receive("\"x\",1,2,3,4,5,6,7");

        Assert.Equal(["12", "123", "1234", "12345", "123456", "1234567"], _seen);
    }

    [Fact]
    public void Context_arguments_and_token_take_no_position()
    {
        _socket.On("x", (EventContext context, int a, CancellationToken token, EventArguments all, int b) =>
            Note($"{context.EventName} {a} {token.CanBeCanceled} {all.Count} {b}"));

        _socket.Receive("\"x\",1,2");

        Assert.Equal(["x 1 True 2 2"], _seen);
    }

    [Fact]
    public void Undecoded_arguments_are_parameters_like_others()
    {
        _socket.On("x", (EventArgument a, EventArgument missing) => new object?[] { a, missing });

        _socket.Receive("""  "x" , { "z" : 1.0 } """, 1);

        Assert.Equal(["""431[[{ "z" : 1.0 },null]]"""], _socket.Sent);
    }

    [Fact]
    public void A_value_task_is_refused_with_the_fix()
    {
        Assert.Contains("return Task", Assert.Throws<ArgumentException>(() => _socket.On("x", () => default(ValueTask))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _socket.On("x", (int a) => new ValueTask<int>(a)));
        Assert.Throws<ArgumentException>(() => _socket.Once("x", (int a, int b) => default(ValueTask)));
        Assert.Throws<ArgumentException>(() => _socket.On(new SocketEvent<int>("x"), a => new ValueTask<int>(a)));
        Assert.Throws<ArgumentException>(() => _socket.On<int, Task>("x", (Func<int, Task>)(object)(Func<int, Task<int>>)Task.FromResult));
        Assert.False(_socket.HasListeners("x"));
    }

    [Fact]
    public void A_typed_event_gives_its_handlers_their_type()
    {
        var sum = new SocketEvent<int[]>("sum");
        _socket.On(sum, values => { Note(values.Length); });
        _socket.On(sum, async values => await _socket.EmitAsync("seen", values[0]));
        _socket.On(sum, values => values.Sum());
        _socket.On(sum, async (values, context) =>
        {
            await Task.CompletedTask;
            return context.EventName + values.Length;
        });
        _socket.Once(sum, (values, context) => context.AckAsync(values));

        _socket.Receive("\"sum\",[1,2]", 1);

        Assert.Equal([2], _seen);
        Assert.Equal(["42[\"seen\",1]", "431[3]"], _socket.Sent);
    }

    private void Note(object? value) => _seen.Add(value);
}
