namespace Holdfast.Protocol.Tests.Events;

public sealed class DispatchTests
{
    private readonly TestSocket _socket = new();
    private readonly List<string> _seen = [];

    [Fact]
    public async Task Handlers_run_one_after_the_other_in_the_order_of_registration()
    {
        var gate = new TaskCompletionSource();
        _socket.On("x", () => { _seen.Add("first"); });
        _socket.On("y", () => { _seen.Add("other"); });
        _socket.On("x", async () =>
        {
            await gate.Task;
            _seen.Add("second");
        });
        _socket.On("x", () => { _seen.Add("third"); });

        var running = _socket.ReceiveAsync("\"x\"");

        Assert.Equal(["first"], _seen);
        gate.SetResult();
        await running;
        Assert.Equal(["first", "second", "third"], _seen);
    }

    [Fact]
    public void The_first_result_is_the_ack_and_null_is_a_result()
    {
        _socket.On("x", () => { });
        _socket.On("x", () => (string?)null);
        _socket.On("x", () => 2);

        _socket.Receive("\"x\"", ackId: 7).Receive("\"x\"");

        Assert.Equal(["437[null]"], _socket.Sent);
    }

    [Fact]
    public async Task Only_the_first_ack_goes_out_whoever_sends_it()
    {
        _socket.On("x", async (EventContext context) =>
        {
            await context.AckAsync("by hand", 2);
            await context.AckAsync("again");
        });
        _socket.On("x", () => "result");

        await _socket.ReceiveAsync("\"x\"", ackId: 7);

        Assert.Equal(["437[\"by hand\",2]"], _socket.Sent);
    }

    [Fact]
    public async Task An_ack_that_nobody_wants_goes_nowhere()
    {
        _socket.On("x", async (EventContext context) =>
        {
            Assert.False(context.HasAck);
            await context.AckAsync();
        });

        await _socket.ReceiveAsync("\"x\"");

        Assert.Empty(_socket.Sent);
        Assert.Empty(_socket.Failures);
    }

    [Fact]
    public async Task All_arguments_can_be_acknowledged_as_they_came()
    {
        _socket.On("echo", async (EventContext context) => await context.AckCoreAsync(context.Arguments.ToArray()));

        await _socket.ReceiveAsync("""  "echo","x",{"k":[null,2]}""", ackId: 17);

        Assert.Equal(["""4317["x",{"k":[null,2]}]"""], _socket.Sent);
    }

    [Fact]
    public void A_missing_argument_is_null_and_further_ones_are_ignored()
    {
        _socket.On("x", (string? a, int? b, EventArgument c) => { _seen.Add($"{a ?? "-"} {b?.ToString() ?? "-"} {c.IsNull}"); });

        _socket.Receive("\"x\"").Receive("\"x\",\"a\",null").Receive("\"x\",\"a\",1,2,3,4");

        Assert.Equal(["- - True", "a - True", "a 1 False"], _seen);
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("\"x\",null")]
    [InlineData("\"x\",\"seven\"")]
    [InlineData("\"x\",{}")]
    public void An_argument_that_does_not_fit_keeps_the_handler_from_being_called(string arguments)
    {
        _socket.On("x", (int a) => { _seen.Add("called"); });
        _socket.On("x", () => { _seen.Add("next"); });

        _socket.Receive(arguments, ackId: 1);

        Assert.Equal(typeof(int), Assert.Single(_socket.Rejected).ExpectedType);
        Assert.Empty(_socket.Failures);
        Assert.Empty(_socket.Sent);
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_handler_that_throws_ends_its_event_and_is_reported_once()
    {
        _socket.On("x", () => throw new InvalidOperationException("at once"));
        _socket.On("x", () => { _seen.Add("never"); });
        _socket.On("y", async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        });
        _socket.On("y", () => "never");
        _socket.On("z", () => Task.FromException<int>(new InvalidOperationException("faulted")));

        _socket.Receive("\"x\"", 1);
        await _socket.ReceiveAsync("\"y\"", 2);
        await _socket.ReceiveAsync("\"z\"", 3);

        Assert.Equal(["x: at once", "y: later", "z: faulted"], _socket.Failures);
        Assert.Empty(_seen);
        Assert.Empty(_socket.Sent);
    }

    [Fact]
    public void A_result_that_can_not_be_sent_is_the_handlers_failure()
    {
        _socket.On("x", () => double.NaN);

        _socket.Receive("\"x\"", 1);

        Assert.StartsWith("x: ", Assert.Single(_socket.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_notices_the_disconnect_has_not_failed()
    {
        var started = new TaskCompletionSource();
        _socket.On("x", async (CancellationToken token) =>
        {
            var never = new TaskCompletionSource();
            await using var registration = token.Register(() => never.SetCanceled(token));
            started.SetResult();
            await never.Task;
        });
        _socket.On("y", () => throw new OperationCanceledException("of something else"));

        _socket.Receive("\"y\"");
        var running = _socket.ReceiveAsync("\"x\"");
        await started.Task;
        _socket.Disconnect();
        await running;

        Assert.Equal(["y: of something else"], _socket.Failures);
    }

    [Fact]
    public void An_event_without_listeners_costs_nothing()
    {
        _socket.On("x", () => { });
        var packet = Wire.Decode("27[\"nobody\",1]");

        Assert.Equal(0, Allocation.Of(() => Dispatch(packet)));
        Assert.Empty(_socket.Sent);
    }

    [Fact]
    public void Synchronous_handlers_cost_one_context()
    {
        var count = 0;
        _socket.On("x", (int a) => { count += a; });
        _socket.On("x", (int a, EventContext context) =>
        {
            count += context.Arguments.Count;
            return Task.CompletedTask;
        });
        var packet = Wire.Decode("2[\"x\",1]");

        Assert.InRange(Allocation.Of(() => Dispatch(packet)), 1, 80);
        Assert.Equal(10, count);
    }

    [Fact]
    public async Task Services_live_until_the_last_handler_has_finished()
    {
        var gate = new TaskCompletionSource();
        EventContext? kept = null;
        _socket.On("x", (EventContext context) => { _seen.Add((string)context.Services.GetService(typeof(string))!); });
        _socket.On("x", async (EventContext context) =>
        {
            kept = context;
            var services = context.Services;
            await gate.Task;
            Assert.Same(services, context.Services);
        });

        var running = _socket.ReceiveAsync("\"x\"");

        Assert.Equal(["a service"], _seen);
        Assert.Single(_socket.Scopes);
        gate.SetResult();
        await running;
        Assert.Empty(_socket.Scopes);
        Assert.Throws<InvalidOperationException>(() => kept!.Services);
        Assert.Empty(_socket.Failures);
    }

    [Fact]
    public async Task Services_are_disposed_of_when_a_handler_throws_and_their_own_failure_is_reported()
    {
        _socket.On("x", (EventContext context) =>
        {
            ((TestSocket.TestScope)context.Services).FailsToClose = true;
            throw new InvalidOperationException("handler");
        });

        await _socket.ReceiveAsync("\"x\"");

        Assert.Empty(_socket.Scopes);
        Assert.Equal(["x: handler", "x: can't close"], _socket.Failures);
    }

    [Fact]
    public void No_services_are_made_for_handlers_that_ask_for_none()
    {
        _socket.On("x", (EventContext context) => context.EventName);

        _socket.Receive("\"x\"", 1);

        Assert.Equal(["431[\"x\"]"], _socket.Sent);
        Assert.Empty(_socket.Scopes);
    }

    private void Dispatch(in Packet packet)
    {
        var done = _socket.DispatchAsync(packet);
        Assert.True(done.IsCompletedSuccessfully);
    }
}
