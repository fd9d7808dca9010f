using System.Collections.Concurrent;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

public class OutgoingListenerTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task It_hears_of_what_is_emitted_to_the_socket_with_the_arguments_as_they_were_given()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            socket.OnAnyOutgoing(Note);
            await socket.EmitAsync("my-event", "123");
            await socket.EmitAsync("none");
            await socket.EmitAsync(new SocketEvent<object>("typed"), 4);
            await socket.SendAsync(null, 1);
        }));
        using var peer = await host.ConnectAsync();
        Assert.Equal("42[\"my-event\",\"123\"]", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count >= 4);
        Assert.Equal(["my-event 123", "none", "typed 4", "message null 1"], _seen);
    }

    [Fact]
    public async Task It_hears_of_broadcasts_that_reach_the_socket_and_of_no_others()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.JoinAsync("room")));
        using var listening = await host.ConnectAsync();
        using var other = await host.ConnectAsync();
        var (a, b) = (await host.SocketAsync(listening), await host.SocketAsync(other));
        await Waiting.Until(() => a.Rooms.Count == 2 && b.Rooms.Count == 2);
        a.OnAnyOutgoing(Note);

        await host.Io.EmitAsync("all", 1);
        await host.Io.To("room").To(a.Id).EmitAsync("room", 2);
        await host.Io.Except(a.Id).EmitAsync("others", 3);
        await a.Broadcast.EmitAsync("others", 4);
        await b.To("room").EmitAsync("from b", 5);
        await b.EmitAsync("to b", 6);

        Assert.Equal(["all 1", "room 2", "from b 5"], _seen);
    }

    [Fact]
    public async Task It_hears_of_binary_broadcasts()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var bytes = new byte[] { 1, 2, 3 };
        object? heard = null;
        (await host.SocketAsync(peer)).OnAnyOutgoing((_, arguments) => heard = arguments[0]);
        await host.Io.EmitAsync("my-event", bytes);
        Assert.Same(bytes, heard);
        Assert.Equal("451-[\"my-event\",{\"_placeholder\":true,\"num\":0}]", await peer.ReadAsync());
    }

    [Fact]
    public async Task It_hears_of_questions_and_not_of_acks()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.OnAnyOutgoing(Note);
            socket.On("sum", (int a, int b) => a + b);
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"sum\",1,2]");
        Assert.Equal("431[3]", await peer.ReadAsync());
        var socket = await host.SocketAsync(peer);
        var one = socket.EmitWithAckAsync<int>("one");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "1"));
        await one.Within();
        var many = host.Io.EmitWithAckAsync<int>("many");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "1"));
        await many.Within();
        Assert.Equal(["one", "many"], _seen);
    }

    [Fact]
    public async Task Prepended_listeners_come_first_and_removed_ones_not_at_all()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing((_, _) => _seen.Enqueue("c"));
        var removed = socket.OnAnyOutgoing((_, _) => _seen.Enqueue("never"));
        socket.PrependAnyOutgoing((_, _) => _seen.Enqueue("b"));
        socket.PrependAnyOutgoing(async (_, _) =>
        {
            _seen.Enqueue("a");
            await Task.Yield();
        });
        removed.Dispose();
        await socket.EmitAsync("x");
        Assert.Equal(["a", "b", "c"], _seen);

        socket.OffAnyOutgoing();
        await socket.EmitAsync("x");
        socket.OnAnyOutgoing((_, _) => _seen.Enqueue("d"));
        await host.Io.EmitAsync("x");
        Assert.Equal(["a", "b", "c", "d"], _seen);
    }

    [Fact]
    public async Task The_order_is_that_of_the_wire_whoever_emits()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing((name, arguments) => _seen.Enqueue($"42[\"{name}\",{arguments[0]},{arguments[1]}]"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
                await (i % 2 == 0 ? host.Io.EmitAsync("e", sender, i) : socket.EmitAsync("e", sender, i));
        }))).Within();
        var read = new List<string>();
        for (var i = 0; i < 1000; i++)
            read.Add(await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 1000);
        Assert.Equal(read, _seen);
    }

    [Fact]
    public async Task A_listener_that_fails_is_logged_and_neither_the_event_nor_another_listener_suffers()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        host.ExpectedComplaints = 2;
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing((_, _) => throw new InvalidOperationException("at once"));
        socket.OnAnyOutgoing(async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        });
        socket.OnAnyOutgoing(Note);
        await host.Io.EmitAsync("x", 1);
        Assert.Equal("42[\"x\",1]", await peer.ReadAsync());
        Assert.Equal(["x 1"], _seen);
        await Waiting.Until(() => host.Complaints.Count == 2);
    }

    [Fact]
    public async Task A_listener_may_emit_and_is_told_of_that_afterwards()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing((name, arguments) =>
        {
            _seen.Enqueue($"{name} begins");
            if (name == "first")
                _ = socket.EmitAsync("second");
            _seen.Enqueue($"{name} ends");
        });
        await socket.EmitAsync("first");
        Assert.Equal(["first begins", "first ends", "second begins", "second ends"], _seen);
        Assert.Equal("42[\"first\"]", await peer.ReadAsync());
        Assert.Equal("42[\"second\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task It_is_called_outside_of_all_locks()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing((_, _) => _seen.Enqueue($"{OnAnotherThread(() => socket.Rooms.Count)}"));
        await socket.EmitAsync("x");
        await host.Io.EmitAsync("x");
        await host.Io.Volatile.EmitAsync("x");
        Assert.Equal(["1", "1", "1"], _seen);

        static int OnAnotherThread(Func<int> count)
        {
            var asked = Task.Run(count);
            return asked.Wait(TimeSpan.FromSeconds(30)) ? asked.Result : -1;
        }
    }

    [Fact]
    public async Task A_volatile_event_counts_even_if_it_is_given_up()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        socket.OnAnyOutgoing(Note);
        await socket.IsIdleAsync();
        lock (socket.Binding.Outlet.Gate)
        {
            _ = socket.EmitAsync("plain");
            _ = socket.Volatile.EmitAsync("given up", 1);
            _ = host.Io.Volatile.EmitAsync("given up", 2);
        }
        await socket.EmitAsync("end");
        Assert.Equal("42[\"plain\"]", await peer.ReadAsync());
        Assert.Equal("42[\"end\"]", await peer.ReadAsync());
        Assert.Equal(["plain", "given up 1", "given up 2", "end"], _seen);
    }

    [Fact]
    public async Task What_a_middleware_emits_counts_for_the_listener_that_it_has_added()
    {
        await using var host = await SocketHost.StartAsync(io => io.Use(async (socket, next) =>
        {
            socket.OnAnyOutgoing(Note);
            await socket.EmitAsync("in the middleware");
            await next();
        }));
        using var peer = await host.ConnectAsync();
        Assert.Equal("42[\"in the middleware\"]", await peer.ReadAsync());
        Assert.Equal(["in the middleware"], _seen);
        await host.SocketAsync(peer);
        await Waiting.Until(() => host.Io.Sockets.Announce("x", []) is not null);
        await host.Io.EmitAsync("and later");
        Assert.Equal(["in the middleware", "and later"], _seen);
    }

    [Fact]
    public async Task Nothing_is_noted_unless_a_connected_socket_listens()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/other"));
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        Assert.Null(host.Io.Sockets.Announce("x", []));
        var first = socket.OnAnyOutgoing(Note);
        var second = socket.PrependAnyOutgoing(Note);
        Assert.NotNull(host.Io.Sockets.Announce("x", []));
        Assert.Null(host.Io.Of("/other").Announce("x", []));
        first.Dispose();
        Assert.NotNull(host.Io.Sockets.Announce("x", []));
        second.Dispose();
        Assert.Null(host.Io.Sockets.Announce("x", []));

        socket.OnAnyOutgoing(Note);
        await peer.SendAsync("41");
        await Waiting.Until(() => !socket.Connected);
        await Waiting.Until(() => host.Io.Sockets.Announce("x", []) is null);
        socket.OnAnyOutgoing(Note);
        Assert.Null(host.Io.Sockets.Announce("x", []));
        await socket.EmitAsync("to nobody");
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_socket_that_was_replaced_before_it_was_accepted_is_not_counted_any_more()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (socket, next) =>
            {
                socket.OnAnyOutgoing(Note);
                if (socket.Recovered)
                {
                    waiting.TrySetResult();
                    await gate.Task;
                }
                await next();
            }),
            recovery => recovery.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.KnockAsync(peer);
        await waiting.Task.Within();
        await host.Io.In(peer.Id).DisconnectSocketsAsync(); // nobody gets that session any more
        gate.SetResult();
        await back.ReadConnectAsync();
        Assert.NotEqual(peer.Id, back.Id);
        await host.SocketAsync(back);
        Assert.NotNull(host.Io.Sockets.Announce("x", []));
        await back.SendAsync("41");
        await Waiting.Until(() => host.Io.Sockets.Announce("x", []) is null);
    }

    [Fact]
    public async Task What_a_client_missed_is_no_news_when_it_is_back()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.OnAnyOutgoing(Note)));
        using var peer = await host.JoinAsync();
        var former = host.SocketOf(peer);
        await Waiting.Until(() => host.Io.Sockets.Announce("x", []) is not null);
        await host.Io.EmitAsync("before", 1);
        Assert.Equal("42[\"before\",1]", await peer.ReadEventAsync());
        await host.CutAsync(peer);
        await host.Io.EmitAsync("missed", 2);
        await former.EmitAsync("missed", 3);
        using var back = await host.ReturnAsync(peer);
        await Waiting.Until(() => host.Io.Sockets.Announce("x", []) is not null);
        former.OffAnyOutgoing(); // what it emits goes out through the new one, whose listeners hear it
        await host.Io.EmitAsync("after", 4);
        await former.EmitAsync("after", 5);
        foreach (var frame in new[] { "missed\",2", "missed\",3", "after\",4", "after\",5" })
            Assert.Equal($"42[\"{frame}]", await back.ReadEventAsync());
        Assert.Equal(["before 1", "after 4", "after 5"], _seen);
    }

    private void Note(string name, IReadOnlyList<object?> arguments) => _seen.Enqueue(string.Join(' ', [name, .. arguments.Select(argument => argument ?? "null")]));
}
