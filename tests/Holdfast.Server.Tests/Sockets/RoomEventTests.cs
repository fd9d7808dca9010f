using System.Collections.Concurrent;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// What can be seen of rooms, and what is told of their changes.
public class RoomEventTests
{
    [Fact]
    public async Task A_room_is_told_with_its_first_member_and_each_member_once()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await StartAsync(log);
        var (a, b) = (await ToldAsync(host, log), await ToldAsync(host, log));
        log.Clear();
        await a.JoinAsync("room");
        await AssertToldAsync(a, log, ["create room", $"join room {a.Id}"]);
        await b.JoinAsync(["room", "room"]);
        await a.JoinAsync("room");
        await AssertToldAsync(a, log, [$"join room {b.Id}"]);
    }

    [Fact]
    public async Task A_room_is_told_when_somebody_leaves_and_when_it_is_empty()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await StartAsync(log);
        var (a, b) = (await ToldAsync(host, log), await ToldAsync(host, log));
        log.Clear();
        await a.JoinAsync("room");
        await b.JoinAsync("room");
        await AssertToldAsync(a, log, ["create room", $"join room {a.Id}", $"join room {b.Id}"]);
        await a.LeaveAsync("room");
        await a.LeaveAsync("room");
        await a.LeaveAsync("never joined");
        await AssertToldAsync(a, log, [$"leave room {a.Id}"]);
        await host.Io.In("room").SocketsLeaveAsync("room");
        await AssertToldAsync(a, log, [$"leave room {b.Id}", "delete room"]);
        Assert.DoesNotContain("room", host.Io.Sockets.RoomNames);
    }

    [Fact]
    public async Task A_socket_has_a_room_of_its_own_from_its_connection_to_its_end_and_leaves_all_rooms_then()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await StartAsync(log, io => io.Use(async (socket, next) =>
        {
            await socket.JoinAsync("early");
            Assert.Empty(log);
            await next();
        }).OnConnection(_ => log.Enqueue("connection")));
        using var peer = await host.ConnectAsync();
        var id = peer.Id;
        await Waiting.Until(() => log.Count >= 5);
        Assert.Equal([$"create {id}", $"join {id} {id}", "create early", $"join early {id}", "connection"], log);
        log.Clear();
        await peer.SendAsync("41");
        await Waiting.Until(() => log.Count >= 4);
        Assert.Equal([$"leave {id} {id}", $"delete {id}", $"leave early {id}", "delete early"], log);
    }

    [Fact]
    public async Task The_room_of_an_id_lives_as_long_as_anybody_is_in_it()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await StartAsync(log);
        var (a, b) = (await ToldAsync(host, log), await ToldAsync(host, log));
        log.Clear();
        await b.JoinAsync(a.Id);
        await AssertToldAsync(b, log, [$"join {a.Id} {b.Id}"]); // it exists already
        Assert.Equal(2, host.Io.Sockets.RoomSize(a.Id));
        Assert.Equal([a.Id, b.Id], host.Io.Sockets.MembersOf(a.Id));
        await a.DisconnectAsync();
        await AssertToldAsync(b, log, [$"leave {a.Id} {a.Id}"]);
        Assert.Equal([b.Id], host.Io.Sockets.MembersOf(a.Id));
        await b.LeaveAsync(a.Id);
        await AssertToldAsync(b, log, [$"leave {a.Id} {b.Id}", $"delete {a.Id}"]);
    }

    [Fact]
    public async Task A_handler_may_join_and_leave_and_what_it_does_is_told_after_it()
    {
        var log = new ConcurrentQueue<string>();
        ServerSocket socket = null!;
        await using var host = await StartAsync(log, io => io.Sockets
            .OnJoinRoom((room, _) =>
            {
                if (room == "first")
                    socket.JoinAsync("second").GetAwaiter().GetResult();
                if (room is "first" or "second")
                    log.Enqueue($"handled {room}");
            })
            .OnLeaveRoom((_, _) => socket.LeaveAsync("second").GetAwaiter().GetResult()));
        socket = await ToldAsync(host, log);
        log.Clear();
        await socket.JoinAsync("first");
        await AssertToldAsync(socket, log, ["create first", $"join first {socket.Id}", "handled first", "create second", $"join second {socket.Id}", "handled second"]);
        await socket.LeaveAsync("first");
        await AssertToldAsync(socket, log, [$"leave first {socket.Id}", "delete first", $"leave second {socket.Id}", "delete second"]);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_and_the_others_run()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Sockets.OnCreateRoom(room => throw new InvalidOperationException("the handler's own fault"));
            io.Sockets.OnCreateRoom(log.Enqueue);
        });
        var socket = await host.SocketAsync();
        await socket.JoinAsync("room");
        await Waiting.Until(() => log.Count == 2);
        host.ExpectedComplaints = 2; // its own room, and this one
        Assert.Equal([socket.Id, "room"], log);
    }

    [Fact]
    public async Task Changes_by_many_threads_are_told_one_at_a_time_and_in_their_order()
    {
        var members = new ConcurrentDictionary<string, int>();
        var faults = new ConcurrentQueue<string>();
        var inside = 0;
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Sockets.OnCreateRoom(room => Alone(() => Check(members.TryAdd(room, 0), "created twice")));
            io.Sockets.OnJoinRoom((room, _) => Alone(() => Check(members.ContainsKey(room) && ++members[room] > 0, "joined before it was there")));
            io.Sockets.OnLeaveRoom((room, _) => Alone(() => Check(members.ContainsKey(room) && --members[room] >= 0, "left before it was joined")));
            io.Sockets.OnDeleteRoom(room => Alone(() => Check(members.TryRemove(room, out var left) && left == 0, "deleted with members")));
        });
        var sockets = new List<ServerSocket>();
        for (var i = 0; i < 4; i++)
            sockets.Add(await host.SocketAsync());
        await Task.WhenAll(sockets.Select(socket => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                await socket.JoinAsync($"room {i % 3}");
                await socket.LeaveAsync($"room {i % 3}");
            }
        })));
        await sockets[0].JoinAsync("last"); // whoever tells at this moment tells of this, too
        await Waiting.Until(() => Volatile.Read(ref inside) == 0 && members.ContainsKey("last"));
        Assert.Empty(faults);
        Assert.Equal(sockets.Select(socket => socket.Id).Append("last").Order(StringComparer.Ordinal), members.Keys.Order(StringComparer.Ordinal));

        void Alone(Action act)
        {
            Check(Interlocked.Increment(ref inside) == 1, "two at a time");
            act();
            Interlocked.Decrement(ref inside);
        }

        void Check(bool holds, string fault)
        {
            if (!holds)
                faults.Enqueue(fault);
        }
    }

    [Fact]
    public async Task Rooms_and_their_members_can_be_looked_at()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        var (a, b) = (await host.SocketAsync(), await host.SocketAsync());
        await a.JoinAsync(["red", "blue"]);
        await b.JoinAsync("blue");
        var ns = host.Io.Sockets;
        Assert.Equal(new[] { a.Id, b.Id, "blue", "red" }.Order(StringComparer.Ordinal), ns.RoomNames.Order(StringComparer.Ordinal));
        Assert.Equal(new[] { a.Id, b.Id }.Order(StringComparer.Ordinal), ns.MembersOf("blue").Order(StringComparer.Ordinal));
        Assert.Equal([a.Id], ns.MembersOf("red"));
        Assert.Empty(ns.MembersOf("green"));
        Assert.Equal((2, 1, 0, 1), (ns.RoomSize("blue"), ns.RoomSize("red"), ns.RoomSize("green"), ns.RoomSize(a.Id)));
        Assert.Equal(new[] { a.Id, "blue", "red" }.Order(StringComparer.Ordinal), a.Rooms.Order(StringComparer.Ordinal));
        await a.DisconnectAsync();
        Assert.Equal(new[] { b.Id, "blue" }.Order(StringComparer.Ordinal), ns.RoomNames.Order(StringComparer.Ordinal));
        Assert.Equal([b.Id], ns.MembersOf("blue"));
    }

    /// <summary>A socket whose own room has been told.</summary>
    private static async Task<ServerSocket> ToldAsync(SocketHost host, ConcurrentQueue<string> log)
    {
        var socket = await host.SocketAsync();
        await Waiting.Until(() => log.Contains($"join {socket.Id} {socket.Id}"));
        return socket;
    }

    /// <summary>Exactly this has been told since the last time: whatever is told, is told before what is done now.</summary>
    private static async Task AssertToldAsync(ServerSocket alive, ConcurrentQueue<string> log, string[] expected)
    {
        var mark = $"mark {Guid.NewGuid()}";
        await alive.JoinAsync(mark);
        await Waiting.Until(() => log.Contains($"join {mark} {alive.Id}"));
        Assert.Equal(expected, log.Where(entry => !entry.Contains("mark ", StringComparison.Ordinal)));
        log.Clear();
    }

    private static Task<SocketHost> StartAsync(ConcurrentQueue<string> log, Action<SocketIOServer>? configure = null) => SocketHost.StartAsync(io =>
    {
        io.Sockets.OnCreateRoom(room => log.Enqueue($"create {room}"))
            .OnJoinRoom((room, id) => log.Enqueue($"join {room} {id}"))
            .OnLeaveRoom((room, id) => log.Enqueue($"leave {room} {id}"))
            .OnDeleteRoom(room => log.Enqueue($"delete {room}"));
        configure?.Invoke(io);
    });
}
