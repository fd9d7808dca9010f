using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Who hears what: each test ends with an event to everyone, so that whoever got something before it shows it.
public class RoomTests
{
    [Fact]
    public async Task What_is_emitted_to_a_namespace_text_or_binary_stays_in_it()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/test"));
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        using var c = await host.ConnectAsync("40/test");
        await host.SocketAsync(b);
        await host.SocketAsync(c, "/test");
        await host.Io.EmitAsync("a", "b");
        await host.Io.EmitAsync("bin", new byte[] { 1, 2 });
        await host.Io.Of("/test").EmitAsync("end");
        foreach (var peer in new[] { a, b })
        {
            Assert.Equal("42[\"a\",\"b\"]", await peer.ReadAsync());
            Assert.Equal("451-[\"bin\",{\"_placeholder\":true,\"num\":0}]", await peer.ReadAsync());
            Assert.Equal("0102", await peer.ReadAsync());
        }
        Assert.Equal("42/test,[\"end\"]", await c.ReadAsync());
    }

    [Fact]
    public async Task A_broadcast_of_a_socket_reaches_all_but_itself()
    {
        await using var people = await People.StartAsync(3);
        await people[0].Broadcast.EmitAsync("a", "b");
        Assert.Equal([[], ["42[\"a\",\"b\"]"], ["42[\"a\",\"b\"]"]], await people.HeardAsync());
    }

    [Fact]
    public async Task A_room_hears_what_is_said_to_it_and_a_union_of_rooms_hears_it_once()
    {
        await using var people = await People.StartAsync(3);
        await people[0].JoinAsync(["woot", "test"]);
        await people[1].JoinAsync("third");
        await people.Io.In("woot").EmitAsync("one");
        await people.Io.In("woot").In("test").EmitAsync("two");
        await people.Io.To(["woot", "test", "third"]).EmitAsync("three");
        Assert.Equal([["42[\"one\"]", "42[\"two\"]", "42[\"three\"]"], ["42[\"three\"]"], []], await people.HeardAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_socket_says_to_a_room_text_or_binary_the_others_in_it_hear(bool binary)
    {
        await using var people = await People.StartAsync(4);
        await people[0].JoinAsync("woot");
        await people[1].JoinAsync("test");
        await people[2].JoinAsync("test");
        object value = binary ? new byte[] { 5, 6 } : "text";
        string[] frames = binary ? ["451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "0506"] : ["42[\"a\",\"text\"]"];
        await people[2].Broadcast.To("test").EmitAsync("a", value);
        await people[2].EmitAsync("a", value);
        Assert.Equal([[], frames, frames, []], await people.HeardAsync());
    }

    [Fact]
    public async Task A_broadcast_leaves_out_a_socket_or_a_room()
    {
        await using var people = await People.StartAsync(3);
        await people[1].JoinAsync("room1");
        await people[2].Broadcast.Except(people[1].Id).EmitAsync("a");
        await people[2].Broadcast.Except("room1").EmitAsync("b");
        await people.Io.Except(people[0].Id).EmitAsync("c");
        await people.Io.Except("room1").EmitAsync("d");
        Assert.Equal([["42[\"a\"]", "42[\"b\"]", "42[\"d\"]"], ["42[\"c\"]"], ["42[\"c\"]", "42[\"d\"]"]], await people.HeardAsync());
    }

    [Fact]
    public async Task The_rooms_of_a_socket_show_what_it_has_joined_and_left_and_empty_ones_are_gone()
    {
        await using var people = await People.StartAsync(1);
        var socket = people[0];
        var adapter = people.Io.Sockets.Adapter;
        Assert.Equal([socket.Id], socket.Rooms);
        await socket.JoinAsync("a");
        await socket.JoinAsync("b");
        await socket.JoinAsync(["b", "c", "d", socket.Id]);
        Assert.Equal(["a", "b", "c", "d"], Joined());
        Assert.Equal(4, adapter.RoomCount);
        await socket.LeaveAsync("b");
        await socket.LeaveAsync("never joined");
        Assert.Equal(["a", "c", "d"], Joined());
        Assert.Equal(3, adapter.RoomCount);
        await people.Io.SocketsLeaveAsync("a", "c", "d");
        Assert.Equal([socket.Id], socket.Rooms);
        Assert.Equal(0, adapter.RoomCount);

        string[] Joined() => [.. socket.Rooms.Where(room => room != socket.Id).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Joining_after_the_disconnection_does_nothing()
    {
        var joined = new TaskCompletionSource<ServerSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.DisconnectAsync();
            await socket.JoinAsync("room1");
            socket.OnDisconnect(async _ =>
            {
                await socket.JoinAsync("room2");
                await socket.LeaveAsync("room1");
                joined.SetResult(socket);
            });
        }));
        using var peer = await host.ConnectAsync();
        Assert.Equal("41", await peer.ReadAsync());
        Assert.Empty((await joined.Task.Within()).Rooms);
        Assert.Equal(0, host.Io.Sockets.Adapter.RoomCount);
    }

    /// <summary>Some clients and their sockets.</summary>
    private sealed class People : IAsyncDisposable
    {
        private readonly SocketHost _host;
        private readonly List<(Peer Peer, ServerSocket Socket)> _all = [];

        private People(SocketHost host) => _host = host;

        public SocketIOServer Io => _host.Io;

        public ServerSocket this[int index] => _all[index].Socket;

        public static async Task<People> StartAsync(int count)
        {
            var people = new People(await SocketHost.StartAsync(_ => { }));
            for (var i = 0; i < count; i++)
            {
                var peer = await people._host.ConnectAsync();
                people._all.Add((peer, await people._host.SocketAsync(peer)));
            }
            return people;
        }

        /// <summary>What each of them has got.</summary>
        public async Task<string[][]> HeardAsync()
        {
            await Io.EmitAsync("end");
            var heard = new List<string[]>();
            foreach (var (peer, _) in _all)
            {
                var frames = new List<string>();
                while (await peer.ReadAsync() is var frame && frame != "42[\"end\"]")
                    frames.Add(frame);
                heard.Add([.. frames]);
            }
            return [.. heard];
        }

        public ValueTask DisposeAsync()
        {
            foreach (var (peer, _) in _all)
                peer.Dispose();
            return _host.DisposeAsync();
        }
    }
}
