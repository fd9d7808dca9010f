using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// Sockets of other servers are moved between rooms, and sent away.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task The_sockets_of_all_servers_join_and_leave_rooms()
    {
        var hosts = await StartAsync(3);
        var clients = new[] { await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[2]) };
        await hosts[0].Io.SocketsJoinAsync("one", "two");
        await Waiting.Until(() => hosts.All(host => host.Io.Sockets.RoomSize("one") == 1 && host.Io.Sockets.RoomSize("two") == 1));
        await hosts[1].Io.To("two").EmitAsync("to two");
        foreach (var client in clients)
            Assert.Equal("""42["to two"]""", await client.ReadAsync());

        await hosts[2].Io.SocketsLeaveAsync("two");
        await Waiting.Until(() => hosts.All(host => host.Io.Sockets.RoomSize("two") == 0));
        Assert.All(hosts, host => Assert.Equal(1, host.Io.Sockets.RoomSize("one")));
    }

    [Fact]
    public async Task The_members_of_a_room_join_and_leave_rooms_on_all_servers()
    {
        var hosts = await StartAsync(2);
        var (a, b, c) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        await a.Socket.JoinAsync("old");
        await b.Socket.JoinAsync("old");
        await hosts[0].Io.In("old").SocketsJoinAsync("new");
        await hosts[0].Io.To("new").EmitAsync("hello");
        await hosts[0].Io.In("old").Except(a.Id).SocketsLeaveAsync("new");
        await hosts[0].Io.To("new").EmitAsync("only a");
        await hosts[0].Io.EmitAsync("end");
        Assert.Equal("""42["hello"]""", await a.ReadAsync());
        Assert.Equal("""42["only a"]""", await a.ReadAsync());
        Assert.Equal("""42["hello"]""", await b.ReadAsync());
        Assert.Equal("""42["end"]""", await b.ReadAsync());
        Assert.Equal("""42["end"]""", await c.ReadAsync());
    }

    [Fact]
    public async Task A_socket_of_another_server_joins_and_leaves_a_room()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        await hosts[0].Io.In(a.Id).SocketsJoinAsync("room");
        await Waiting.Until(() => hosts[1].Io.Sockets.RoomSize("room") == 1);
        Assert.Equal([a.Id], hosts[1].Io.Sockets.MembersOf("room"));
        await hosts[0].Io.In(a.Id).SocketsLeaveAsync("room");
        await Waiting.Until(() => hosts[1].Io.Sockets.RoomSize("room") == 0);
        Assert.Equal([b.Id], b.Socket.Rooms);
    }

    [Fact]
    public async Task The_sockets_of_all_servers_are_disconnected_behind_what_was_emitted_before()
    {
        var hosts = await StartAsync(2, io => io.Of("/other"));
        var clients = new[] { await JoinAsync(hosts[0]), await JoinAsync(hosts[1]) };
        var other = await JoinAsync(hosts[1], "/other");
        await hosts[0].Io.EmitAsync("farewell");
        await hosts[0].Io.DisconnectSocketsAsync();
        foreach (var client in clients)
        {
            Assert.Equal("""42["farewell"]""", await client.ReadAsync());
            Assert.Equal("41", await client.ReadAsync());
        }
        await hosts[0].Io.Of("/other").DisconnectSocketsAsync(close: true);
        Assert.Equal("41/other,", await other.ReadAsync());
        Assert.Equal("closed", await other.ReadAsync());
        await Waiting.Until(() => hosts.All(host => host.Io.Sockets.Sockets.Count == 0));
    }
}
