using System.Net;
using System.Net.Sockets;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Sockets;

// The server as a whole: what it passes on to the first namespace, and how it closes and opens.
public class ServerTests
{
    [Fact]
    public async Task A_name_is_one_namespace_with_or_without_its_slash()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("abc").OnConnection(socket => socket.On("name", () => socket.Namespace.Name)));
        Assert.Same(host.Io.Sockets, host.Io.Of("/"));
        Assert.Same(host.Io.Sockets, host.Io.Of(""));
        Assert.Same(host.Io.Of("/abc"), host.Io.Of("abc"));
        Assert.Equal("/", host.Io.Sockets.Name);
        Assert.Equal("/abc", host.Io.Of("abc").Name);
        using var peer = await host.EnterAsync("/abc");
        await peer.SendAsync("42/abc,1[\"name\"]");
        Assert.Equal("43/abc,1[\"/abc\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task What_the_server_has_of_a_namespace_belongs_to_the_first_one()
    {
        var log = new List<string>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Use((_, next) =>
            {
                log.Add("middleware");
                return next();
            }).OnConnection(socket =>
            {
                log.Add("connection");
                return socket.JoinAsync("room");
            }).OnConnection(_ => log.Add("connection too"));
            io.Of("/other");
        });
        using var other = await host.EnterAsync("/other");
        Assert.Empty(log);
        using var peer = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.FindSocket(peer.Id)?.Rooms.Count == 2);
        Assert.Equal(["middleware", "connection", "connection too"], log);
        await host.Io.EmitAsync("e", 1);
        await host.Io.To("room").EmitAsync("e", 2);
        await host.Io.In(["room", "none"]).EmitAsync("e", 3);
        await host.Io.Except("room").EmitAsync("e", 4);
        await host.Io.Local.EmitAsync("e", 5);
        await host.Io.In("room").SocketsJoinAsync("second");
        await host.Io.To("second").EmitAsync("e", 6);
        await host.Io.SocketsLeaveAsync("second");
        await host.Io.To("second").EmitAsync("e", 7);
        foreach (var n in new[] { 1, 2, 3, 5, 6 })
            Assert.Equal($"42[\"e\",{n}]", await peer.ReadAsync());
        var answers = host.Io.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("question");
        await peer.SendAsync(Peer.Answer(await peer.ReadAsync(), "8"));
        Assert.Equal([8], (await answers.Within()).Responses);
        Assert.Equal(peer.Id, Assert.Single(await host.Io.FetchSocketsAsync()).Id);
        await host.Io.Volatile.EmitAsync("e", 9);
        Assert.Equal("42[\"e\",9]", await peer.ReadAsync());
        await host.Io.DisconnectSocketsAsync();
        Assert.Equal("41", await peer.ReadAsync());
        await other.SendAsync("42/other,[\"nobody listens\"]");
        Assert.Single(host.Io.Of("/other").Sockets);
    }

    [Fact]
    public async Task Operators_are_values_and_never_change_what_they_were_made_from()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 2);
        await host.Io.Sockets.FindSocket(a.Id)!.JoinAsync("room");
        var room = host.Io.To("room");
        var wider = room.To(b.Id);
        var narrower = wider.Except("room");
        var hasty = wider.Volatile.Local.Timeout(TimeSpan.Zero);
        Assert.Equal(4, new[] { room, wider, narrower, hasty }.Distinct().Count());
        await room.EmitAsync("e", 1);
        await narrower.EmitAsync("e", 2);
        await wider.EmitAsync("e", 3);
        await host.Io.EmitAsync("e", 4);
        Assert.Equal(["42[\"e\",1]", "42[\"e\",3]", "42[\"e\",4]"], [await a.ReadAsync(), await a.ReadAsync(), await a.ReadAsync()]);
        Assert.Equal(["42[\"e\",2]", "42[\"e\",3]", "42[\"e\",4]"], [await b.ReadAsync(), await b.ReadAsync(), await b.ReadAsync()]);
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("connection")]
    [InlineData("new_namespace")]
    public async Task What_servers_raise_by_themselves_can_not_be_emitted_between_them(string name)
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        await Assert.ThrowsAsync<ArgumentException>(() => host.Io.ServerSideEmitAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Io.Of("/other").ServerSideEmitWithAckAsync<int>(name, 1));
    }

    [Fact]
    public async Task A_server_that_stands_alone_has_no_others_to_emit_to()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var peer = await host.ConnectAsync();
        await host.Io.ServerSideEmitAsync("hello", 1, "2", new byte[] { 3 });
        var acks = await host.Io.Sockets.ServerSideEmitWithAckAsync<string>("hello").Within();
        Assert.Empty(acks.Responses);
        Assert.Equal(0, acks.Missing);
        await Assert.ThrowsAsync<ArgumentException>(() => host.Io.ServerSideEmitAsync("hello", double.NaN)); // what a cluster could not send either
        await Assert.ThrowsAsync<OperationCanceledException>(() => host.Io.ServerSideEmitAsync("hello", new CancellationToken(true)));
        await peer.AssertRefusedAsync("/nowhere"); // clients hear nothing of it
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_closes_ends_all_sockets_without_a_packet_and_lets_nobody_in_until_it_opens(bool recovery)
    {
        var reasons = new List<string>();
        await using var host = await SocketHost.StartAsync(
            io =>
            {
                foreach (var ns in new[] { io.Sockets, io.Of("/other") })
                    ns.OnConnection(socket => socket.OnDisconnect(reason => reasons.Add($"{ns.Name} {reason}")));
            },
            options => options.ConnectionStateRecovery = recovery ? new() : null);
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        await peer.ReadAsync();
        await peer.SendAsync("40/other,");
        await peer.ReadAsync();
        await Waiting.Until(() => host.Io.Of("/other").Sockets.Count == 1);
        await host.Io.CloseAsync();
        await host.Io.CloseAsync();
        Assert.Equal("closed", await peer.ReadAsync());
        Assert.Equal(["/ server shutting down", "/other server shutting down"], reasons);
        Assert.Empty(host.Io.Sockets.Sockets);
        Assert.Empty(host.Io.Of("/other").Sockets);
        using var http = new HttpClient();
        var handshake = new Uri(host.Address + "/socket.io/?EIO=4&transport=polling");
        using (var refused = await http.GetAsync(handshake).Within())
            Assert.Equal(503, (int)refused.StatusCode);
        await host.Io.EmitAsync("to nobody");

        host.Io.Open();
        host.Io.Open();
        using var again = await host.OpenAsync();
        await again.SendAsync("40");
        Assert.StartsWith("40{\"sid\":", await again.ReadAsync(), StringComparison.Ordinal);
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        await host.Io.Volatile.EmitAsync("welcome");
        Assert.StartsWith("42[\"welcome\"", await again.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_whose_middlewares_run_when_the_server_closes_never_connects()
    {
        var gate = Entering.Signal<bool>();
        var entered = Entering.Signal<ServerSocket>();
        var left = Entering.Signal<bool>();
        await using var host = await SocketHost.StartAsync(io => io.Use(async (socket, next) =>
        {
            entered.SetResult(socket);
            await gate.Task;
            await next();
            left.SetResult(true);
        }).OnConnection(_ => Assert.Fail("it has connected")));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        await entered.Task.Within();
        await host.Io.CloseAsync();
        Assert.Equal("closed", await peer.ReadAsync());
        gate.SetResult(true);
        await left.Task.Within();
        Assert.Empty(host.Io.Sockets.Sockets);
    }

    [Fact]
    public async Task A_client_whose_middlewares_still_run_at_the_connect_timeout_is_closed()
    {
        var gate = Entering.Signal<bool>();
        var entered = Entering.Signal<bool>();
        await using var host = await SocketHost.StartAsync(
            io =>
            {
                io.Of("/slow").Use(async (_, next) =>
                {
                    entered.SetResult(true);
                    await gate.Task;
                    await next();
                });
                io.Of((_, _) => gate.Task);
            },
            options => options.ConnectTimeout = TimeSpan.FromSeconds(2));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40/slow,");
        await peer.SendAsync("40/slower,");
        await entered.Task.Within();
        host.Time.Advance(1_999);
        await peer.SendAsync("40/slow,"); // ignored, and the connection is still there
        host.Time.Advance(1);
        Assert.Equal("closed", await peer.ReadAsync());
        gate.SetResult(true);
    }

    [Fact]
    public async Task A_namespace_knows_its_connected_sockets_by_their_ids()
    {
        var gate = Entering.Signal<bool>();
        var entered = Entering.Signal<ServerSocket>();
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat").Use(async (socket, next) =>
        {
            entered.SetResult(socket);
            await gate.Task;
            await next();
        }));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40/chat,");
        var pending = await entered.Task.Within();
        var chat = host.Io.Of("/chat");
        Assert.Empty(chat.Sockets);
        Assert.Null(chat.FindSocket(pending.Id));
        gate.SetResult(true);
        Assert.Contains(pending.Id, await peer.ReadAsync(), StringComparison.Ordinal);
        await Waiting.Until(() => chat.FindSocket(pending.Id) is { Connected: true });
        Assert.Same(pending, Assert.Single(chat.Sockets));
        Assert.Same(chat, pending.Namespace);
        Assert.Null(host.Io.Sockets.FindSocket(pending.Id));
        await peer.SendAsync("41/chat,");
        await Waiting.Until(() => chat.FindSocket(pending.Id) is null);
        Assert.Empty(chat.Sockets);
    }

    [Fact]
    public async Task Closing_a_server_that_never_ran_does_nothing()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO();
        await using var app = builder.Build();
        var io = app.Services.GetRequiredService<SocketIOServer>();
        await io.CloseAsync().Within();
        io.Open();
        await io.CloseAsync().Within();
    }

    [Fact]
    public async Task A_host_that_has_stopped_has_told_its_sockets_and_freed_its_port()
    {
        var reason = Entering.Signal<DisconnectReason>();
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(reason.SetResult)));
        using var peer = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        var stopping = host.StopAsync();
        Assert.Equal(DisconnectReason.ServerShuttingDown, await reason.Task.Within());
        Assert.Equal("closed", await peer.ReadAsync());
        await peer.AnswerCloseAsync();
        await stopping.Within();
        Assert.Empty(host.Io.Sockets.Sockets);
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(host.Address).Port);
        listener.Start();
    }

    [Fact]
    public async Task Handlers_that_are_added_at_different_places_all_run()
    {
        var log = new List<string>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of("/chat").OnConnection(_ => log.Add("one"));
            io.Of("chat").OnConnection(socket =>
            {
                log.Add("two");
                socket.On("log", () => log);
            });
        });
        using var peer = await host.EnterAsync("/chat");
        await peer.SendAsync("42/chat,1[\"log\"]");
        Assert.Equal("43/chat,1[[\"one\",\"two\"]]", await peer.ReadAsync());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/chat")]
    public async Task Whom_a_broadcast_leaves_out_by_id_or_by_room_does_not_hear_it(string name)
    {
        await using var host = await SocketHost.StartAsync(io => io.Of(name).OnConnection(socket => socket.JoinAsync("all")));
        var ns = host.Io.Of(name);
        using var a = await EnterAsync();
        using var b = await EnterAsync();
        await ns.In(b.Id).SocketsJoinAsync("room");
        await ns.Except(a.Id).EmitAsync("e", 1);
        await ns.Except("room").EmitAsync("e", 2);
        await ns.To("all").Except("room").EmitAsync("e", 3);
        await ns.To("all").Except([a.Id, "nobody is here"]).EmitAsync("e", 4);
        await ns.EmitAsync("e", 5);
        var prefix = name == "/" ? "42" : $"42{name},";
        foreach (var n in new[] { 2, 3, 5 })
            Assert.Equal($"{prefix}[\"e\",{n}]", await a.ReadAsync());
        foreach (var n in new[] { 1, 4, 5 })
            Assert.Equal($"{prefix}[\"e\",{n}]", await b.ReadAsync());

        async Task<Peer> EnterAsync()
        {
            var peer = name == "/" ? await host.ConnectAsync() : await host.EnterAsync(name);
            await Waiting.Until(() => ns.FindSocket(peer.Id)?.Rooms.Count == 2);
            return peer;
        }
    }

    [Fact]
    public async Task The_rooms_are_there_in_OnDisconnecting_and_gone_in_OnDisconnect()
    {
        var before = Entering.Signal<string>();
        var after = Entering.Signal<int>();
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.JoinAsync(["a", "b"]);
            socket.OnDisconnecting(_ => before.SetResult(string.Join(' ', socket.Rooms.Where(room => room != socket.Id).Order(StringComparer.Ordinal)) + socket.Rooms.Contains(socket.Id)));
            socket.OnDisconnect(_ => after.SetResult(socket.Rooms.Count));
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("41");
        Assert.Equal("a bTrue", await before.Task.Within());
        Assert.Equal(0, await after.Task.Within());
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("connect_error")]
    [InlineData("disconnect")]
    [InlineData("disconnecting")]
    [InlineData("newListener")]
    [InlineData("removeListener")]
    public async Task Reserved_names_throw_on_a_server_a_namespace_a_parent_and_an_operator(string name)
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        var parent = host.Io.Of((_, _) => false);
        foreach (var broadcaster in new Broadcaster[] { host.Io, host.Io.Of("/chat"), parent, host.Io.To("room"), parent.To("room") })
        {
            Assert.Contains("reserved", (await Assert.ThrowsAsync<ArgumentException>(() => broadcaster.EmitAsync(name, 1))).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ArgumentException>(() => broadcaster.EmitWithAckAsync<int>(name));
        }
    }

    [Fact]
    public async Task What_was_emitted_before_all_are_disconnected_arrives_first()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 2);
        await host.Io.EmitAsync("bye");
        await host.Io.DisconnectSocketsAsync(close: true);
        foreach (var peer in new[] { a, b })
            Assert.Equal(["42[\"bye\"]", "41", "closed"], [await peer.ReadAsync(), await peer.ReadAsync(), await peer.ReadAsync()]);
        Assert.Empty(host.Io.Sockets.Sockets);
    }

    [Fact]
    public async Task The_answers_to_a_broadcast_may_be_binary()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var peer = await host.ConnectAsync();
        var answers = host.Io.EmitWithAckAsync<byte[]>("question");
        var question = await peer.ReadAsync();
        await peer.SendAsync($"461-{question[2..question.IndexOf('[', StringComparison.Ordinal)]}[{{\"_placeholder\":true,\"num\":0}}]");
        await peer.SendBinaryAsync([1, 2, 255]);
        Assert.Equal([1, 2, 255], Assert.Single((await answers.Within()).Responses));
    }

    [Fact]
    public async Task A_volatile_broadcast_gives_way_behind_a_plain_one_and_reaches_an_idle_client()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat"));
        using var http = new HttpClient();
        var peer = await PollingPeer.OpenAsync(host, http);
        await peer.PostAsync("40/chat,");
        Assert.StartsWith("40/chat,{\"sid\":", Assert.Single(await peer.PollAsync()), StringComparison.Ordinal);
        var chat = host.Io.Of("/chat");
        // No poll waits, so that nothing could be written at this moment; then one waits.
        await chat.EmitAsync("plain");
        await chat.Volatile.EmitAsync("volatile", 1);
        Assert.Equal(["42/chat,[\"plain\"]"], await peer.PollAsync());
        var poll = peer.PollAsync();
        await Waiting.Until(() => chat.Sockets.Single().Connection.IsWritable);
        await chat.Volatile.EmitAsync("volatile", 2);
        Assert.Equal(["42/chat,[\"volatile\",2]"], await poll.Within());
    }
}
