namespace Holdfast.Protocol.Tests.Events;

public sealed class CatchAllTests
{
    private readonly TestSocket _socket = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void A_catch_all_sees_every_event_with_its_name_and_arguments_before_its_handlers()
    {
        _socket.On("x", (int n) => _seen.Add($"x {n}"));
        _socket.OnAny(context => _seen.Add($"any {context.EventName} {string.Join(' ', context.Arguments)}"));

        _socket.Receive("\"x\",1").Receive("\"nobody listens\",2,\"a\"").Receive("7");

        Assert.Equal(["any x 1", "x 1", "any nobody listens 2 \"a\"", "any 7 "], _seen);
    }

    [Fact]
    public void Prepended_catch_alls_come_first_and_the_others_in_their_order()
    {
        _socket.OnAny(_ => _seen.Add("c"));
        _socket.OnAny(_ => _seen.Add("d"));
        _socket.PrependAny(_ => _seen.Add("b"));
        _socket.PrependAny(_ =>
        {
            _seen.Add("a");
            return Task.CompletedTask;
        });

        _socket.Receive("\"x\"");

        Assert.Equal(["a", "b", "c", "d"], _seen);
    }

    [Fact]
    public void A_catch_all_that_was_removed_is_not_called()
    {
        var first = _socket.OnAny(_ => _seen.Add("first"));
        _socket.OnAny(_ => _seen.Add("second"));
        first.Dispose();
        first.Dispose();
        _socket.Receive("\"x\"");
        _socket.OffAny();
        _socket.Receive("\"x\"");
        _socket.OnAny(_ => _seen.Add("third"));
        _socket.Receive("\"x\"");

        Assert.Equal(["second", "third"], _seen);
    }

    [Fact]
    public void A_catch_all_may_remove_another_one_and_add_one_for_the_next_event()
    {
        IDisposable? second = null;
        _socket.OnAny(context =>
        {
            _seen.Add("first");
            second!.Dispose();
            _socket.OnAny(_ => _seen.Add("added"));
        });
        second = _socket.OnAny(_ => _seen.Add("second"));

        _socket.Receive("\"x\"");
        Assert.Equal(["first"], _seen);
        _socket.Receive("\"x\"");
        Assert.Equal(["first", "first", "added"], _seen);
    }

    [Fact]
    public async Task Catch_alls_are_awaited_one_after_the_other()
    {
        var gate = new TaskCompletionSource();
        _socket.OnAny(async _ =>
        {
            _seen.Add("begins");
            await gate.Task;
            _seen.Add("ends");
        });
        _socket.OnAny(_ => _seen.Add("second"));
        _socket.On("x", () => _seen.Add("handler"));

        var running = _socket.ReceiveAsync("\"x\"");
        Assert.Equal(["begins"], _seen);
        gate.SetResult();
        await running;
        Assert.Equal(["begins", "ends", "second", "handler"], _seen);
    }

    [Fact]
    public async Task A_catch_all_may_acknowledge_and_then_the_handlers_result_does_not()
    {
        _socket.OnAny(context => context.AckAsync("first"));
        _socket.On("x", () => "second");

        await _socket.ReceiveAsync("\"x\"", 5);

        Assert.Equal(["435[\"first\"]"], _socket.Sent);
    }

    [Fact]
    public void A_catch_all_that_fails_ends_its_event_and_no_other()
    {
        var fails = true;
        _socket.OnAny(_ =>
        {
            if (fails)
            {
                throw new InvalidOperationException("on purpose");
            }
        });
        _socket.On("x", () => _seen.Add("handler"));

        _socket.Receive("\"x\"");
        fails = false;
        _socket.Receive("\"x\"");

        Assert.Equal(["x: on purpose"], _socket.Failures);
        Assert.Equal(["handler"], _seen);
    }

    [Fact]
    public void The_services_of_an_event_end_with_it_when_only_a_catch_all_used_them()
    {
        _socket.OnAny(context => _seen.Add((string)context.Services.GetService(typeof(string))!));

        _socket.Receive("\"x\"");

        Assert.Equal(["a service"], _seen);
        Assert.Empty(_socket.Scopes);
    }

    [Fact]
    public void Off_removes_all_handlers_of_all_events_and_no_catch_all()
    {
        _socket.On("x", () => _seen.Add("x"));
        _socket.Once("y", () => _seen.Add("y"));
        _socket.OnAny(context => _seen.Add($"any {context.EventName}"));

        _socket.Off();
        Assert.False(_socket.HasListeners("x"));
        _socket.Receive("\"x\"").Receive("\"y\"");

        Assert.Equal(["any x", "any y"], _seen);
    }

    [Fact]
    public void Whether_somebody_listens_to_an_event_can_be_asked()
    {
        Assert.False(_socket.HasListeners("x"));
        using (_socket.On("x", () => { }))
        {
            Assert.True(_socket.HasListeners("x"));
            Assert.False(_socket.HasListeners("y"));
        }

        _socket.OnAny(_ => { });
        Assert.False(_socket.HasListeners("x"));
    }

    [Fact]
    public void Whoever_never_had_or_has_no_more_catch_alls_pays_nothing_for_them()
    {
        var before = Cost();
        _socket.OnAny(_ => { });
        Assert.True(Cost() > before);
        _socket.OffAny();
        Assert.Equal(before, Cost());

        long Cost()
        {
            var packet = Wire.Decode("2[\"x\"]");
            return Allocation.Of(() => Assert.True(_socket.DispatchAsync(packet).AsTask().IsCompletedSuccessfully));
        }
    }
}
