using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// The sockets of other servers are looked at, and handled from afar.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task The_sockets_of_all_servers_are_fetched_with_what_is_known_of_them()
    {
        var hosts = await StartAsync(3, io => io.OnConnection(socket =>
        {
            socket.Data.Set("name", socket.Handshake.Query["name"].ToString());
            socket.Data.Set("bytes", new byte[] { 7 });
        }));
        var near = await JoinAsync(hosts[0]);
        var far = await JoinAsync(hosts[2], auth: """{"token":"t","n":1}""", query: "&name=Ada");
        await far.Socket.JoinAsync("room");
        await Waiting.Until(() => far.Socket.Data.Count == 2);

        var found = await hosts[0].Io.FetchSocketsAsync().Within();
        Assert.Equal(new[] { near.Id, far.Id }.Order(StringComparer.Ordinal), found.Select(socket => socket.Id).Order(StringComparer.Ordinal));
        var ada = found.Single(socket => socket.Id == far.Id);
        Assert.Equal(new[] { far.Id, "room" }.Order(StringComparer.Ordinal), ada.Rooms.Order(StringComparer.Ordinal));
        Assert.Equal("Ada", ada.Data.Get<string>("name"));
        Assert.Equal([7], ada.Data.Get<byte[]>("bytes")!);
        Assert.Throws<InvalidOperationException>(() => ada.Data.Set("name", "Eve"));
        var (there, here) = (far.Socket.Handshake, ada.Handshake);
        Assert.Equal("""{"token":"t","n":1}""", here.Auth.ToString());
        Assert.Equal("Ada", here.Query["name"]);
        Assert.Equal((there.Address, there.Url, there.Secure, there.CrossDomain, there.Issued), (here.Address, here.Url, here.Secure, here.CrossDomain, here.Issued));
        Assert.Equal(there.Headers.Host, here.Headers.Host);
        Assert.False(here.User.Identity!.IsAuthenticated);
    }

    [Fact]
    public async Task Sockets_are_fetched_by_room_and_namespace_and_from_the_own_server_alone()
    {
        var hosts = await StartAsync(2, io => io.Of("/other"));
        var (a, b, c) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        var other = await JoinAsync(hosts[1], "/other");
        await a.Socket.JoinAsync("room");
        await b.Socket.JoinAsync("room");
        Assert.Equal(Ids(a, b), Ids(await hosts[0].Io.In("room").FetchSocketsAsync().Within()));
        Assert.Equal(Ids(c), Ids(await hosts[0].Io.Except("room").FetchSocketsAsync().Within()));
        Assert.Equal(Ids(a), Ids(await hosts[0].Io.Local.FetchSocketsAsync().Within()));
        Assert.Equal(Ids(other), Ids(await hosts[0].Io.Of("/other").FetchSocketsAsync().Within()));
        Assert.Empty(await hosts[0].Io.Of("/nobody has it but us").FetchSocketsAsync().Within());
    }

    [Fact]
    public async Task What_has_been_joined_before_sockets_are_fetched_is_seen()
    {
        var hosts = await StartAsync(2);
        var client = await JoinAsync(hosts[1]);
        for (var i = 0; i < 20; i++)
        {
            var joined = hosts[0].Io.In(client.Id).SocketsJoinAsync($"room {i}");
            var found = await hosts[0].Io.In($"room {i}").FetchSocketsAsync().Within();
            Assert.Equal(Ids(client), Ids(found));
            await joined.Within();
        }
    }

    [Fact]
    public async Task Many_and_large_sockets_are_fetched_in_several_messages()
    {
        var hosts = await StartAsync(2);
        var clients = new Client[12];
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = await JoinAsync(hosts[1]);
            clients[i].Socket.Data.Set("large", new string((char)('a' + i), 100_000));
        }
        var found = await hosts[0].Io.FetchSocketsAsync().Within();
        Assert.Equal(Ids(clients), Ids(found));
        for (var i = 0; i < clients.Length; i++)
            Assert.Equal(new string((char)('a' + i), 100_000), found.Single(socket => socket.Id == clients[i].Id).Data.Get<string>("large"));
    }

    [Fact]
    public async Task Credentials_of_a_client_stay_on_its_own_server()
    {
        var hosts = await StartAsync(2);
        using var far = await hosts[1].DialAsync("?EIO=4&transport=websocket", ("Cookie", "secret=1"), ("Authorization", "Bearer secret"), ("X-Known", "yes"));
        Assert.StartsWith("0{", await far.ReadAsync(), StringComparison.Ordinal);
        await far.SendAsync("40");
        var id = (await far.ReadAsync()).Split('"')[3];
        await Waiting.Until(() => hosts[1].Io.Sockets.FindSocket(id) is { Connected: true });
        Assert.Equal("Bearer secret", Assert.Single(await hosts[1].Io.Local.FetchSocketsAsync()).Handshake.Headers.Authorization);
        var seen = Assert.Single(await hosts[0].Io.FetchSocketsAsync().Within()).Handshake.Headers;
        Assert.Equal("yes", seen["x-known"]);
        Assert.False(seen.ContainsKey("Cookie") || seen.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task When_not_all_have_answered_in_time_it_is_said_how_many_have()
    {
        var hosts = await StartAsync(2);
        await StopAsync(hosts[1]);
        await using var mute = await JoinMuteAsync();
        await using var also = await JoinMuteAsync();
        await Waiting.Until(() => hosts[0].Io.ServerCount == 3);
        var fetching = hosts[0].Io.Timeout(TimeSpan.FromSeconds(3)).FetchSocketsAsync();
        await SettleAsync();
        var late = await Assert.ThrowsAsync<TimeoutException>(() => hosts[0].WhileTimePassesAsync(fetching));
        Assert.Equal("0 of 2 other servers have said within 3 s which sockets they have.", late.Message);
    }

    [Fact]
    public async Task A_server_that_leaves_has_no_sockets_to_be_fetched()
    {
        var hosts = await StartAsync(2);
        var client = await JoinAsync(hosts[1]);
        var mute = await JoinMuteAsync();
        await Waiting.Until(() => hosts[0].Io.ServerCount == 3);
        var fetching = hosts[0].Io.FetchSocketsAsync();
        await SettleAsync();
        Assert.False(fetching.IsCompleted);
        await mute.DisposeAsync();
        Assert.Equal(Ids(client), Ids(await fetching.Within()));
    }

    [Fact]
    public async Task A_socket_of_another_server_is_told_moved_asked_and_sent_away()
    {
        var hosts = await StartAsync(3);
        var far = await JoinAsync(hosts[1]);
        var bystander = await JoinAsync(hosts[2]);
        var remote = (await hosts[0].Io.FetchSocketsAsync().Within()).Single(socket => socket.Id == far.Id);
        await remote.EmitAsync("hello", 1);
        Assert.Equal("""42["hello",1]""", await far.ReadAsync());
        await remote.JoinAsync("room");
        await Waiting.Until(() => hosts[1].Io.Sockets.RoomSize("room") == 1);
        await remote.LeaveAsync("room");
        await Waiting.Until(() => hosts[1].Io.Sockets.RoomSize("room") == 0);

        var asked = remote.EmitWithAckAsync<int>("question");
        await far.AnswerAsync("7");
        Assert.Equal(7, await asked.Within());

        var unanswered = remote.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("question");
        await far.ReadAsync();
        await SettleAsync();
        await Assert.ThrowsAsync<AckTimeoutException>(() => hosts[0].WhileTimePassesAsync(unanswered));

        var lost = remote.EmitWithAckAsync<int>("question");
        await far.ReadAsync();
        await remote.DisconnectAsync();
        Assert.Equal("41", await far.ReadAsync());
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => lost.Within());
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => remote.EmitWithAckAsync<int>("gone").Within());
        await bystander.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task The_answer_of_one_socket_does_not_wait_for_a_server_that_says_nothing()
    {
        var hosts = await StartAsync(2);
        var far = await JoinAsync(hosts[1]);
        var remote = Assert.Single(await hosts[0].Io.FetchSocketsAsync().Within());
        await using var mute = await JoinMuteAsync();
        await Waiting.Until(() => hosts[0].Io.ServerCount == 3);
        var asked = remote.EmitWithAckAsync<string>("question");
        await far.AnswerAsync("\"here\"");
        Assert.Equal("here", await asked.Within());
    }

    private static IEnumerable<string> Ids(params IEnumerable<Client> clients) => clients.Select(client => client.Id).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Ids(IReadOnlyList<RemoteSocket> sockets) => sockets.Select(socket => socket.Id).Order(StringComparer.Ordinal);
}
