using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Looking at the sockets of a namespace, and acting on them from outside.
public class FetchTests
{
    [Fact]
    public async Task All_connected_sockets_are_found_with_their_rooms_data_and_handshake()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            socket.Data.Set("name", socket.Handshake.Query["name"].ToString());
            socket.Data.Set("point", new { X = 1, Y = 2 });
            await socket.JoinAsync("room");
        }));
        using var a = await host.OpenAsync("&name=ann");
        await a.SendAsync("40{\"token\":\"t\"}");
        var id = (await a.ReadAsync()).Split('"')[3];
        using var other = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.RoomSize("room") == 2);

        var found = await host.Io.FetchSocketsAsync();
        Assert.Equal(new[] { id, other.Id }.Order(StringComparer.Ordinal), found.Select(socket => socket.Id).Order(StringComparer.Ordinal));
        var ann = found.Single(socket => socket.Id == id);
        Assert.Equal(new[] { id, "room" }.Order(StringComparer.Ordinal), ann.Rooms.Order(StringComparer.Ordinal));
        Assert.Equal("ann", ann.Data.Get<string>("name"));
        Assert.Equal(new Point(1, 2), ann.Data["point"].Get<Point>());
        Assert.Equal("{\"token\":\"t\"}", ann.Handshake.Auth.ToString());
        Assert.Equal("ann", ann.Handshake.Query["name"]);
    }

    [Fact]
    public async Task Sockets_are_found_by_room_exception_and_namespace()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/other"));
        var (a, b, c) = (await host.SocketAsync(), await host.SocketAsync(), await host.SocketAsync());
        using var elsewhere = await host.EnterAsync("/other");
        await a.JoinAsync(["red", "blue"]);
        await b.JoinAsync("blue");
        Assert.Equal(Ids(a, b), Ids(await host.Io.In("blue").FetchSocketsAsync()));
        Assert.Equal(Ids(a), Ids(await host.Io.In("red").FetchSocketsAsync()));
        Assert.Equal(Ids(a, b), Ids(await host.Io.In(["red", "blue"]).FetchSocketsAsync()));
        Assert.Equal(Ids(b, c), Ids(await host.Io.Except("red").FetchSocketsAsync()));
        Assert.Equal(Ids(b), Ids(await host.Io.In("blue").Except(a.Id).Local.FetchSocketsAsync()));
        Assert.Equal(Ids(b), Ids(await a.To("blue").FetchSocketsAsync()));
        Assert.Equal(Ids(a, b, c), Ids(await host.Io.Sockets.FetchSocketsAsync()));
        Assert.Equal([elsewhere.Id], Ids(await host.Io.Of("/other").FetchSocketsAsync()));
        Assert.Empty(await host.Io.In("green").FetchSocketsAsync());
    }

    [Fact]
    public async Task A_remote_socket_is_a_snapshot_that_cannot_be_changed()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        var socket = await host.SocketAsync();
        socket.Data.Set("n", 1);
        var remote = Assert.Single(await host.Io.FetchSocketsAsync());
        socket.Data.Set("n", 2);
        await socket.JoinAsync("late");
        Assert.Equal(1, remote.Data.Get<int>("n"));
        Assert.Equal([socket.Id], remote.Rooms);
        Assert.Throws<InvalidOperationException>(() => remote.Data.Set("n", 3));
        Assert.Throws<InvalidOperationException>(() => remote.Data.Remove("n"));
        Assert.Throws<InvalidOperationException>(remote.Data.Clear);
        Assert.Equal(2, socket.Data.Get<int>("n"));
    }

    [Fact]
    public async Task A_remote_socket_emits_joins_leaves_and_disconnects()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var peer = await host.ConnectAsync();
        var other = await host.SocketAsync();
        var remote = (await host.Io.FetchSocketsAsync()).Single(socket => socket.Id == peer.Id);
        await remote.EmitAsync("hello", 1, "two");
        Assert.Equal("42[\"hello\",1,\"two\"]", await peer.ReadAsync());
        await remote.JoinAsync("a", "b");
        Assert.Equal(3, host.Io.Sockets.FindSocket(peer.Id)!.Rooms.Count);
        await remote.LeaveAsync("a");
        Assert.Equal([peer.Id], host.Io.Sockets.MembersOf("b"));
        Assert.Empty(host.Io.Sockets.MembersOf("a"));
        await Assert.ThrowsAsync<ArgumentException>(() => remote.LeaveAsync(remote.Id));
        await Assert.ThrowsAsync<ArgumentException>(() => remote.EmitAsync("disconnect"));
        await remote.Volatile.EmitAsync("perhaps");
        Assert.Equal("42[\"perhaps\"]", await peer.ReadAsync());
        await remote.DisconnectAsync();
        Assert.Equal("41", await peer.ReadAsync());
        await peer.AssertRefusedAsync("/nowhere"); // the connection below stays
        Assert.True(other.Connected);
    }

    [Fact]
    public async Task A_remote_socket_that_is_disconnected_with_its_connection_is_told_first()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var peer = await host.ConnectAsync();
        await Assert.Single(await host.Io.FetchSocketsAsync()).DisconnectAsync(close: true);
        Assert.Equal("41", await peer.ReadAsync());
        Assert.Equal("closed", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_remote_socket_answers_alone()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var peer = await host.ConnectAsync();
        using var other = await host.ConnectAsync();
        var remote = (await host.Io.FetchSocketsAsync()).Single(socket => socket.Id == peer.Id);
        var answer = remote.EmitWithAckAsync<int>("question");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "7"));
        Assert.Equal(7, await answer.Within());
        await other.AssertRefusedAsync("/nowhere");

        var late = remote.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("question");
        await peer.ReadAsync();
        host.Time.Advance(1_000);
        await Assert.ThrowsAsync<AckTimeoutException>(() => late.Within());

        var lost = remote.EmitWithAckAsync<int>("question");
        await peer.ReadAsync();
        await peer.SendAsync("41");
        var gone = await Assert.ThrowsAsync<SocketDisconnectedException>(() => lost.Within());
        Assert.Equal(DisconnectReason.ClientNamespaceDisconnect, gone.Reason);
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => remote.EmitWithAckAsync<int>("question").Within());
        await remote.EmitAsync("to nobody");
        await remote.JoinAsync("room");
        Assert.Equal(0, host.Io.Sockets.RoomSize("room"));
    }

    private static IEnumerable<string> Ids(params IEnumerable<ServerSocket> sockets) => sockets.Select(socket => socket.Id).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Ids(IReadOnlyList<RemoteSocket> sockets) => sockets.Select(socket => socket.Id).Order(StringComparer.Ordinal);

    private sealed record Point(int X, int Y);
}
