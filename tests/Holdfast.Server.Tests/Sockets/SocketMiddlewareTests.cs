using System.Collections.Concurrent;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

public class SocketMiddlewareTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task They_run_in_order_and_hand_on_what_they_have_made_of_the_event()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket
            .Use((context, next) =>
            {
                _seen.Enqueue($"first {context.EventName} {string.Join(' ', context.Arguments)}");
                context.ReplaceArguments([context.EventName, .. context.Arguments.ToArray()]);
                context.EventName = "wrap";
                return next();
            })
            .Use((context, next) =>
            {
                _seen.Enqueue($"second {context.EventName} {string.Join(' ', context.Arguments)}");
                return next();
            })
            .On("wrap", (string a, string b) => $"{a} {b}")));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"join\",\"woot\"]");
        Assert.Equal("431[\"join woot\"]", await peer.ReadAsync());
        Assert.Equal(["first join \"woot\"", "second wrap \"join\" \"woot\""], _seen);
    }

    [Fact]
    public async Task An_exception_goes_to_OnError_and_the_handler_is_not_called()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Use((context, next) => context.EventName == "join" ? throw new InvalidOperationException("Authentication error") : next());
            socket.Use((context, next) =>
            {
                _seen.Enqueue($"second {context.EventName}");
                return next();
            });
            socket.OnError(failure => _seen.Enqueue($"{failure.GetType().Name}: {failure.Message}"));
            socket.OnError(async _ =>
            {
                await Task.Yield();
                _seen.Enqueue("and another one");
            });
            socket.OnError(_ => _seen.Enqueue("never")).Dispose();
            socket.On("join", () => _seen.Enqueue("never"));
            socket.On("go on", () => 1);
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"join\",\"woot\"]");
        await peer.SendAsync("422[\"go on\"]");
        Assert.Equal("432[1]", await peer.ReadAsync());
        Assert.Equal(["InvalidOperationException: Authentication error", "and another one", "second go on"], _seen);
    }

    [Fact]
    public async Task An_exception_that_nobody_listens_to_is_logged_once_and_so_is_a_listener_that_fails()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Use((context, next) => context.EventName == "bad" ? throw new InvalidOperationException("on purpose") : next());
            socket.On("listen", () =>
            {
                socket.OnError(_ => throw new InvalidOperationException("the listener, too"));
                return true;
            });
        }));
        host.ExpectedComplaints = 2;
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("42[\"bad\"]");
        await peer.SendAsync("421[\"listen\"]");
        Assert.Equal("431[true]", await peer.ReadAsync());
        Assert.Contains("handler of bad failed", Assert.Single(host.Complaints), StringComparison.Ordinal);
        await peer.SendAsync("42[\"bad\"]");
        await peer.SendAsync("421[\"listen\"]");
        Assert.Equal("431[true]", await peer.ReadAsync());
        Assert.Contains("the listener, too", host.Complaints.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_handler_throws_is_no_business_of_OnError()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Use((_, next) => next());
            socket.OnError(_ => _seen.Enqueue("never"));
            socket.On("fail", Task () => throw new InvalidOperationException("on purpose"));
            socket.On("number", (int n) => n);
        }));
        host.ExpectedComplaints = 1; // arguments that do not fit are the client's fault and no complaint
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"fail\"]");
        await peer.SendAsync("422[\"number\",\"none\"]");
        await peer.SendAsync("423[\"number\",3]");
        Assert.Equal("433[3]", await peer.ReadAsync());
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_client_can_not_fill_the_log_through_a_middleware_that_reads_its_arguments()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Use((context, next) => context.Arguments.Get<int>(0) > 0 ? next() : Task.CompletedTask);
            socket.On("n", (int n) => n);
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"n\",\"no number\"]");
        await peer.SendAsync("422[\"n\",-1]");
        await peer.SendAsync("423[\"n\",1]");
        Assert.Equal("433[1]", await peer.ReadAsync());
    }

    [Fact]
    public async Task The_line_waits_for_a_middleware_and_catch_alls_come_before_it()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Use(async (context, next) =>
            {
                _seen.Enqueue($"middleware {context.EventName}");
                await gate.Task;
                await next();
                _seen.Enqueue($"done {context.EventName}");
            });
            socket.OnAny(context => _seen.Enqueue($"any {context.EventName}"));
            socket.On("a", () => _seen.Enqueue("handler a"));
            socket.On("b", () => "b");
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("42[\"a\"]");
        await peer.SendAsync("421[\"b\"]");
        await Waiting.Until(() => _seen.Count == 2);
        gate.SetResult();
        Assert.Equal("431[\"b\"]", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 7);
        Assert.Equal(["any a", "middleware a", "handler a", "done a", "any b", "middleware b", "done b"], _seen);
    }

    [Fact]
    public async Task They_belong_to_the_socket_object_and_a_client_that_is_back_meets_those_of_its_new_one()
    {
        var connections = 0;
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket =>
        {
            var connection = ++connections;
            socket.OnAny(_ => _seen.Enqueue($"any {connection}"));
            socket.Use((_, next) =>
            {
                _seen.Enqueue($"middleware {connection}");
                return next();
            });
            socket.On("x", () => connection);
        }));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("421[\"x\"]");
        Assert.Equal("431[1]", await peer.ReadAsync());
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        await back.SendAsync("421[\"x\"]");
        Assert.Equal("431[2]", await back.ReadAsync());
        Assert.Equal(["any 1", "middleware 1", "any 2", "middleware 2"], _seen);
    }
}
