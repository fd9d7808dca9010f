using System.Collections.Concurrent;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Sockets;

public class HandlerTests
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Handlers_of_one_socket_run_in_order_and_one_at_a_time()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("slow", async (int n) =>
            {
                _log.Enqueue($"begin {n}");
                await _gate.Task;
                _log.Enqueue($"end {n}");
            });
            socket.On("quick", () => _log.Enqueue("quick"));
            socket.On("done", () => "done");
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("42[\"slow\",1]");
        await peer.SendAsync("42[\"quick\"]");
        await peer.SendAsync("42[\"slow\",2]");
        await peer.SendAsync("421[\"done\"]");
        await Waiting.Until(() => !_log.IsEmpty);
        _gate.SetResult();
        Assert.Equal("431[\"done\"]", await peer.ReadAsync());
        Assert.Equal(["begin 1", "end 1", "quick", "begin 2", "end 2"], _log);
    }

    [Fact]
    public async Task A_handler_may_wait_for_an_answer_of_its_own_client()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
            socket.On("twice", async (int n) => n + await socket.EmitWithAckAsync<int>("more?", n))));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("420[\"twice\",20]");
        var question = await peer.ReadAsync();
        Assert.Matches("^42[0-9]+\\[\"more\\?\",20\\]$", question);
        await peer.SendAsync(Peer.Answer(question, "22"));
        Assert.Equal("430[42]", await peer.ReadAsync());
    }

    [Fact]
    public async Task Events_wait_for_the_connection_handler()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await _gate.Task;
            socket.On("early", (int n) => n);
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"early\",1]");
        await peer.SendAsync("422[\"early\",2]");
        _gate.SetResult();
        Assert.Equal("431[1]", await peer.ReadAsync());
        Assert.Equal("432[2]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_flood_for_a_slow_handler_pauses_reading_and_loses_nothing()
    {
        var count = 0;
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(socket =>
            {
                socket.On("first", () => _gate.Task);
                socket.On("n", (int n, string _) => Assert.Equal(count++, n));
                socket.On("count", () => count);
            }),
            options => options.InboxLimit = 10_000);
        using var peer = await host.ConnectAsync();
        var ballast = new string('x', 2_000);
        await peer.SendAsync("42[\"first\"]");
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
                await peer.SendAsync($"42[\"n\",{i},\"{ballast}\"]");
            await peer.SendAsync("421[\"count\"]");
        });
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        _gate.SetResult();
        Assert.Equal("431[2000]", await peer.ReadAsync());
        await sending.Within();
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_once_and_the_socket_goes_on()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("fail", Task () => throw new InvalidOperationException("on purpose"));
            socket.On("works", () => 1);
        }));
        host.ExpectedComplaints = 1;
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"fail\"]");
        await peer.SendAsync("422[\"works\"]");
        Assert.Equal("432[1]", await peer.ReadAsync());
    }

    [Fact]
    public async Task Each_event_has_services_of_its_own_that_end_with_it()
    {
        Scoped? first = null;
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("first", (EventContext context) => first = context.Services.GetRequiredService<Scoped>());
            socket.On("second", (EventContext context) =>
                first!.IsDisposed && !ReferenceEquals(first, context.Services.GetRequiredService<Scoped>()));
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("42[\"first\"]");
        await peer.SendAsync("421[\"second\"]");
        Assert.Equal("431[true]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_handler_in_a_method_of_its_own_finds_its_socket_in_the_context()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.On<string, EventContext, int>("join", Join)));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"join\",\"room\"]");
        Assert.Equal("431[2]", await peer.ReadAsync());

        static async Task<int> Join(string room, EventContext context)
        {
            await context.Socket.JoinAsync(room);
            return context.Socket.Rooms.Count;
        }
    }

    [Fact]
    public async Task The_disconnect_handlers_run_after_the_event_that_runs_and_cancel_it()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("wait", async (CancellationToken cancelled) =>
            {
                _log.Enqueue("waits");
                await Task.Delay(Timeout.Infinite, cancelled).ContinueWith(_ => { }, TaskScheduler.Default);
                _log.Enqueue("cancelled");
            });
            socket.On("never", () => _log.Enqueue("never"));
            socket.OnDisconnecting(_ => _log.Enqueue($"disconnecting {socket.Rooms.Count}"));
            socket.OnDisconnect(reason => ended.SetResult($"{reason} {socket.Rooms.Count}"));
        }));
        var peer = await host.ConnectAsync();
        await peer.SendAsync("42[\"wait\"]");
        await Waiting.Until(() => !_log.IsEmpty);
        await peer.SendAsync("42[\"never\"]");
        await peer.SendAsync("41");
        Assert.Equal("client namespace disconnect 0", await ended.Task.Within());
        Assert.Equal(["waits", "cancelled", "disconnecting 1"], _log);
        peer.Dispose();
    }

    [Fact]
    public async Task The_callers_faults_throw_at_the_call()
    {
        var faults = new List<Type>();
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            faults.Add(Record.Exception(() => socket.On("disconnect", () => { }))!.GetType());
            faults.Add((await Record.ExceptionAsync(() => socket.EmitAsync("connect")))!.GetType());
            faults.Add((await Record.ExceptionAsync(() => socket.LeaveAsync(socket.Id)))!.GetType());
            faults.Add(Record.Exception(() => socket.Timeout(TimeSpan.FromSeconds(-1)))!.GetType());
            faults.Add((await Record.ExceptionAsync(() => io.EmitCoreAsync("x", [.. Enumerable.Repeat<object>(new byte[] { 1 }, 11)])))!.GetType());
            await socket.EmitAsync("done");
        }));
        using var peer = await host.ConnectAsync();
        Assert.Equal("42[\"done\"]", await peer.ReadAsync());
        Assert.Equal([typeof(ArgumentException), typeof(ArgumentException), typeof(ArgumentException), typeof(ArgumentOutOfRangeException), typeof(ArgumentException)], faults);
    }
}
