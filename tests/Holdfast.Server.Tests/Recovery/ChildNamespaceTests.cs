using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// Namespaces that come and go with their clients, rooms that tell their changes, and clients that are only away.
public class ChildNamespaceTests
{
    [Fact]
    public async Task W6_a_child_stays_for_a_client_that_is_away_and_it_misses_nothing()
    {
        await using var host = await StartAsync();
        using var peer = await JoinAsync(host);
        var child = host.Io.Of("/room");
        await child.EmitAsync("e", 1);
        Assert.Equal("42/room,[\"e\",1]", await peer.ReadEventAsync());
        await host.CutAsync(peer); // the last one in it
        await child.EmitAsync("e", 2);
        await child.Parent!.EmitAsync("e", 3);
        Assert.Same(child, host.Io.Namespaces.Find("/room"));
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40/room,{"pid":"{{peer.Pid}}","offset":"{{peer.Offset}}"}""");
        await back.ReadConnectAsync();
        Assert.Equal((peer.Id, peer.Pid), (back.Id, back.Pid));
        Assert.Equal("42/room,[\"e\",2]", await back.ReadEventAsync());
        Assert.Equal("42/room,[\"e\",3]", await back.ReadEventAsync());
        await Waiting.Until(() => child.FindSocket(back.Id) is { Connected: true });
        await child.EmitAsync("e", 4);
        Assert.Equal("42/room,[\"e\",4]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task W6_a_child_stays_for_a_client_that_is_away_when_the_last_one_that_is_connected_leaves()
    {
        await using var host = await StartAsync();
        using var away = await JoinAsync(host);
        using var other = await JoinAsync(host);
        var child = host.Io.Of("/room");
        await host.CutAsync(away);
        await other.SendAsync("41/room,");
        await Waiting.Until(() => child.Adapter.SessionCount == 1);
        await other.SendAsync("40/other,"); // its answer shows that what follows from the leaving has happened
        Assert.Equal("""44/other,{"message":"Invalid namespace"}""", await other.ReadAsync());
        Assert.Same(child, host.Io.Namespaces.Find("/room"));
        await child.EmitAsync("e", 1);
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40/room,{"pid":"{{away.Pid}}"}""");
        await back.ReadConnectAsync();
        Assert.Equal(away.Pid, back.Pid);
        Assert.Equal("42/room,[\"e\",1]", await back.ReadEventAsync());
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("kicked")]
    [InlineData("evicted")]
    public async Task W6_a_child_goes_when_the_last_session_that_waited_in_it_is_over(string how)
    {
        var ended = new ConcurrentQueue<SessionExpiryReason>();
        await using var host = await StartAsync(ended);
        using var peer = await JoinAsync(host);
        var child = host.Io.Of("/room");
        await host.CutAsync(peer);
        Assert.Same(child, host.Io.Namespaces.Find("/room"));
        switch (how)
        {
            case "expired":
                host.Time.Advance(TimeSpan.FromMinutes(3));
                break;
            case "kicked":
                await child.Parent!.In(peer.Id).DisconnectSocketsAsync();
                break;
            case "evicted":
                var other = await host.JoinAsync(); // of the first namespace; only one may wait
                await host.CutAsync(other);
                break;
        }
        await Waiting.Until(() => host.Io.Namespaces.Find("/room") is null && !ended.IsEmpty);
        Assert.Single(ended);
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40/room,{"pid":"{{peer.Pid}}"}""");
        await back.ReadConnectAsync();
        Assert.NotEqual(peer.Pid, back.Pid);
        await Waiting.Until(() => host.Io.Of("/room").FindSocket(back.Id) is { Connected: true });
        Assert.Equal(RecoveryReason.UnknownSession, host.Io.Of("/room").FindSocket(back.Id)!.Recovery.Reason);
        Assert.NotSame(child, host.Io.Of("/room"));
    }

    [Fact]
    public async Task W6_what_others_say_in_a_child_that_was_made_anew_is_not_mixed_with_what_was_said_before()
    {
        await using var host = await StartAsync();
        using var peer = await JoinAsync(host);
        await host.Io.Of("/room").EmitAsync("old");
        await peer.ReadEventAsync();
        await peer.SendAsync("41/room,");
        await Waiting.Until(() => host.Io.Namespaces.Find("/room") is null);
        using var next = await JoinAsync(host);
        await host.CutAsync(next); // it has seen nothing of this session
        await host.Io.Of("/room").EmitAsync("new");
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40/room,{"pid":"{{next.Pid}}"}""");
        await back.ReadConnectAsync();
        Assert.Equal("42/room,[\"new\"]", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Who_is_away_stays_in_its_rooms_and_nothing_is_told_until_its_session_is_over()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await RecoveryHost.StartAsync(io => io.Sockets
            .OnCreateRoom(room => log.Enqueue($"create {room}"))
            .OnJoinRoom((room, _) => log.Enqueue($"join {room}"))
            .OnLeaveRoom((room, _) => log.Enqueue($"leave {room}"))
            .OnDeleteRoom(room => log.Enqueue($"delete {room}")));
        using var peer = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("room");
        await Waiting.Until(() => log.Count >= 4); // another thread may still be telling
        Assert.Equal([$"create {peer.Id}", $"join {peer.Id}", "create room", "join room"], log);
        log.Clear();
        await host.CutAsync(peer);
        Assert.Equal(1, host.Io.Sockets.RoomSize("room"));
        Assert.Equal([peer.Id], host.Io.Sockets.MembersOf("room"));
        Assert.Empty(await host.Io.In("room").FetchSocketsAsync()); // it is not connected
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Id, Assert.Single(await host.Io.In("room").FetchSocketsAsync()).Id);
        await host.CutAsync(back);
        await host.Io.In(peer.Id).SocketsJoinAsync("while away");
        await Waiting.Until(() => log.Count >= 2);
        Assert.Equal(["create while away", "join while away"], log);
        log.Clear();
        host.Time.Advance(TimeSpan.FromMinutes(3));
        await Waiting.Until(() => log.Count >= 6);
        Assert.Equal([$"leave {peer.Id}", $"delete {peer.Id}", "leave room", "delete room", "leave while away", "delete while away"], log);
    }

    [Fact]
    public async Task A_remote_socket_shows_no_private_id_and_reaches_its_session_in_order()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync(connect: "40{\"key\":1}");
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40{"pid":"{{peer.Pid}}","key":1}""");
        await back.ReadConnectAsync();
        await Waiting.Until(() => host.SocketOf(back) is { Recovered: true });
        var remote = Assert.Single(await host.Io.FetchSocketsAsync());
        Assert.Equal("{\"key\":1}", remote.Handshake.Auth.ToString());
        await host.CutAsync(back);
        await remote.EmitAsync("while away", 1);
        await host.Io.EmitAsync("to all", 2);
        using var again = await host.ReturnAsync(peer);
        Assert.Equal("42[\"while away\",1]", await again.ReadEventAsync());
        Assert.Equal("42[\"to all\",2]", await again.ReadEventAsync());
    }

    [Fact]
    public async Task A_server_that_closes_and_opens_again_gives_the_sessions_back()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.Io.EmitAsync("e", 1);
        await peer.ReadEventAsync();
        await host.Io.CloseAsync();
        Assert.Equal("closed", await peer.ReadAsync());
        await host.Io.EmitAsync("e", 2);
        host.Io.Open();
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Id, back.Id);
        Assert.Equal("42[\"e\",2]", await back.ReadEventAsync());
    }

    private static Task<SocketHost> StartAsync(ConcurrentQueue<SessionExpiryReason>? ended = null) =>
        RecoveryHost.StartAsync(
            io => io.Of(new Regex("^/room$")).OnSessionExpired((_, reason) => ended?.Enqueue(reason)),
            options => options.MaxParkedSessions = 1,
            options => options.CleanupEmptyChildNamespaces = true);

    private static async Task<Peer> JoinAsync(SocketHost host)
    {
        var peer = await host.OpenAsync();
        await peer.SendAsync("40/room,");
        await peer.ReadConnectAsync();
        await Waiting.Until(() => host.Io.Of("/room").FindSocket(peer.Id) is { Connected: true });
        return peer;
    }
}
