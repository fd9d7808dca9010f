namespace Holdfast.Protocol.Tests.Events;

public sealed class ListenerTests
{
    private readonly TestSocket _socket = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void Once_is_called_for_one_event()
    {
        _socket.Once("x", (int a) => { _seen.Add($"once {a}"); });
        _socket.On("x", (int a) => { _seen.Add($"on {a}"); });

        _socket.Receive("\"x\",1").Receive("\"x\",2");

        Assert.Equal(["once 1", "on 1", "on 2"], _seen);
    }

    [Fact]
    public void Once_ends_before_its_handler_runs()
    {
        _socket.Once("x", () =>
        {
            _seen.Add("outer");
            _socket.Receive("\"x\"");
        });

        _socket.Receive("\"x\"");

        Assert.Equal(["outer"], _seen);
        Assert.False(_socket.HasListeners("x"));
    }

    [Fact]
    public void Off_removes_all_listeners_of_one_event()
    {
        _socket.On("x", () => { _seen.Add("x"); });
        _socket.On("y", () => { _seen.Add("y"); });
        _socket.Once("x", () => { _seen.Add("x"); });

        _socket.Off("x");
        _socket.Off("unknown");
        _socket.Receive("\"x\"").Receive("\"y\"");

        Assert.Equal(["y"], _seen);
    }

    [Fact]
    public void Disposing_of_a_registration_ends_it_and_no_other()
    {
        void Handler() => _seen.Add("x");
        var first = _socket.On("x", Handler);
        var second = _socket.On("x", Handler);

        first.Dispose();
        first.Dispose();
        _socket.Receive("\"x\"");
        second.Dispose();
        _socket.Receive("\"x\"");

        Assert.Equal(["x"], _seen);
    }

    [Fact]
    public void A_listener_that_is_removed_during_an_event_is_not_called_any_more()
    {
        IDisposable? later = null;
        _socket.On("x", () => later!.Dispose());
        later = _socket.On("x", () => { _seen.Add("later"); });
        _socket.On("y", () => _socket.Off("y"));
        _socket.On("y", () => { _seen.Add("y"); });

        _socket.Receive("\"x\"").Receive("\"y\"");

        Assert.Empty(_seen);
    }

    [Fact]
    public void A_listener_that_is_added_during_an_event_waits_for_the_next()
    {
        _socket.Once("x", () =>
        {
            for (var i = 0; i < 10; i++)
            {
                _socket.On("x", () => { _seen.Add("added"); });
            }
        });

        _socket.Receive("\"x\"");
        Assert.Empty(_seen);

        _socket.Receive("\"x\"");
        Assert.Equal(10, _seen.Count);
    }

    [Fact]
    public void Many_listeners_keep_their_order_through_additions_and_removals()
    {
        var random = new Random(11);
        var expected = new List<(int Id, IDisposable Registration)>();
        for (var id = 0; id < 500; id++)
        {
            if (expected.Count > 0 && random.Next(3) == 0)
            {
                var victim = random.Next(expected.Count);
                expected[victim].Registration.Dispose();
                expected.RemoveAt(victim);
            }

            var mine = id;
            _socket.On($"other{id % 7}", () => { });
            expected.Add((id, _socket.On("x", () => { _seen.Add($"{mine}"); })));
        }

        _socket.Receive("\"x\"");

        Assert.Equal(expected.Select(entry => $"{entry.Id}"), _seen);
    }

    [Fact]
    public async Task Listening_from_many_threads_loses_nothing()
    {
        var count = 0;
        _socket.On("x", () => { Interlocked.Increment(ref count); });
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var packet = Wire.Decode("2[\"x\"]");

        async Task Churn(int thread)
        {
            await start.Task;
            for (var i = 0; i < 300; i++)
            {
                using var registration = _socket.On($"churn{thread}", () => { });
                await _socket.DispatchAsync(packet);
            }
        }

        var threads = Enumerable.Range(0, 4).Select(Churn).ToArray();
        start.SetResult();
        await Task.WhenAll(threads);

        Assert.Equal(1200, count);
    }

    [Fact]
    public async Task Of_many_events_at_a_time_once_takes_one()
    {
        for (var round = 0; round < 50; round++)
        {
            var count = 0;
            _socket.Once("x", () => { Interlocked.Increment(ref count); });
            using var barrier = new Barrier(3);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                barrier.SignalAndWait();
                _socket.Receive("\"x\"");
            })));
            Assert.Equal(1, count);
        }
    }

    [Theory]
    [InlineData("connect", "OnConnection")]
    [InlineData("connect_error", "OnConnectError")]
    [InlineData("disconnect", "OnDisconnect.")]
    [InlineData("disconnecting", "OnDisconnecting")]
    [InlineData("newListener", "another name")]
    [InlineData("removeListener", "another name")]
    public void Reserved_names_throw_and_name_the_right_method(string name, string advice)
    {
        var on = Assert.Throws<ArgumentException>(() => _socket.On(name, () => { }));

        Assert.Contains($"\"{name}\" is a reserved event name", on.Message, StringComparison.Ordinal);
        Assert.Contains(advice, on.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _socket.Once(name, (int a) => a));
        Assert.Throws<ArgumentException>(() => _socket.On(new SocketEvent<int>(name), a => a));
    }

    [Fact]
    public void Nothing_can_not_be_listened_to()
    {
        Assert.Throws<ArgumentNullException>(() => _socket.On(null!, () => { }));
        Assert.Throws<ArgumentNullException>(() => _socket.On("x", (Action)null!));
        Assert.Throws<ArgumentNullException>(() => _socket.Off(null!));
        Assert.Throws<ArgumentNullException>(() => _socket.On(default(SocketEvent<int>), a => a));
    }
}
