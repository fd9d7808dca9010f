using System.Text.RegularExpressions;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Namespaces that are made when a client first connects to them.
public class DynamicNamespaceTests
{
    private static readonly Regex Dynamic = new("^/dynamic-[0-9]+$");

    [Fact]
    public async Task A_pattern_makes_a_namespace_for_each_name_with_the_middlewares_and_handlers_of_the_parent()
    {
        var passed = new List<string>();
        await using var host = await SocketHost.StartAsync(io => io.Of(Dynamic)
            .Use(async (socket, next) =>
            {
                passed.Add(socket.Namespace.Name);
                await next();
            })
            .OnConnection(socket => socket.On("where", () => socket.Namespace.Name)));
        using var first = await host.EnterAsync("/dynamic-101");
        using var second = await host.EnterAsync("/dynamic-102");
        Assert.Equal(["/dynamic-101", "/dynamic-102"], passed);
        await first.SendAsync("42/dynamic-101,1[\"where\"]");
        Assert.Equal("43/dynamic-101,1[\"/dynamic-101\"]", await first.ReadAsync());
        Assert.Same(host.Io.Of("/dynamic-101"), host.Io.Of("dynamic-101"));
        Assert.Same(host.Io, host.Io.Of("/dynamic-101").Server);
    }

    [Fact]
    public async Task What_is_emitted_to_a_parent_reaches_all_children_and_nobody_else()
    {
        ParentNamespace parent = null!;
        await using var host = await SocketHost.StartAsync(io => parent = io.Of(Dynamic));
        using var a = await host.EnterAsync("/dynamic-1");
        using var b = await host.EnterAsync("/dynamic-2");
        using var other = await host.ConnectAsync();
        Assert.Equal(["/dynamic-1", "/dynamic-2"], parent.Children.Select(child => child.Name).Order(StringComparer.Ordinal));
        Assert.All(parent.Children, child => Assert.Same(parent, child.Parent));
        await parent.EmitAsync("hello", 1, "2", new { three = 3 });
        Assert.Equal("42/dynamic-1,[\"hello\",1,\"2\",{\"three\":3}]", await a.ReadAsync());
        Assert.Equal("42/dynamic-2,[\"hello\",1,\"2\",{\"three\":3}]", await b.ReadAsync());
        await other.AssertRefusedAsync("/nowhere"); // the next it gets
    }

    [Fact]
    public async Task The_operators_of_a_parent_choose_among_the_sockets_of_all_children()
    {
        ParentNamespace parent = null!;
        BroadcastOperator kept = null!;
        await using var host = await SocketHost.StartAsync(io =>
        {
            parent = io.Of(Dynamic).OnConnection(socket => socket.JoinAsync(socket.Handshake.Auth.Get<Dictionary<string, string[]>>()!["rooms"]));
            kept = parent.To("room").Except("quiet"); // before there is any child
        });
        using var a = await host.EnterAsync("/dynamic-1", "{\"rooms\":[\"room\"]}");
        using var b = await host.EnterAsync("/dynamic-2", "{\"rooms\":[\"room\",\"quiet\"]}");
        using var c = await host.EnterAsync("/dynamic-3", "{\"rooms\":[\"other\"]}");
        await Waiting.Until(() => parent.Children.Sum(child => child.RoomNames.Count) == 7);
        await kept.EmitAsync("e", 1);
        await parent.In("room").SocketsJoinAsync("late");
        await parent.To("late").EmitAsync("e", 2);
        await parent.In("late").SocketsLeaveAsync("late", "quiet");
        await parent.To("late").EmitAsync("e", 3);
        await kept.EmitAsync("e", 4);
        await parent.Except("room").DisconnectSocketsAsync();
        Assert.Equal(["42/dynamic-1,[\"e\",1]", "42/dynamic-1,[\"e\",2]", "42/dynamic-1,[\"e\",4]"], [await a.ReadAsync(), await a.ReadAsync(), await a.ReadAsync()]);
        Assert.Equal(["42/dynamic-2,[\"e\",2]", "42/dynamic-2,[\"e\",4]"], [await b.ReadAsync(), await b.ReadAsync()]);
        Assert.Equal("41/dynamic-3,", await c.ReadAsync());
    }

    [Fact]
    public async Task A_parent_collects_the_answers_of_all_children()
    {
        ParentNamespace parent = null!;
        await using var host = await SocketHost.StartAsync(io => parent = io.Of(Dynamic));
        var nobody = await parent.EmitWithAckAsync<int>("question");
        Assert.Empty(nobody.Responses);
        Assert.Equal(0, nobody.Missing);
        using var a = await host.EnterAsync("/dynamic-1");
        using var b = await host.EnterAsync("/dynamic-2");
        var answers = parent.EmitWithAckAsync<int>("question");
        foreach (var (peer, name, value) in new[] { (a, "/dynamic-1,", "1"), (b, "/dynamic-2,", "2") })
        {
            var question = await peer.ReadAsync();
            await peer.SendAsync($"43{name}{question.Split(',')[1].Split('[')[0]}[{value}]");
        }
        Assert.Equal([1, 2], (await answers.Within()).Responses.Order());
    }

    [Fact]
    public async Task Sockets_cannot_be_fetched_from_a_parent()
    {
        ParentNamespace parent = null!;
        await using var host = await SocketHost.StartAsync(io => parent = io.Of(Dynamic));
        await Assert.ThrowsAsync<NotSupportedException>(() => parent.FetchSocketsAsync());
        await Assert.ThrowsAsync<NotSupportedException>(() => parent.To("room").Except("other").FetchSocketsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_predicate_gets_the_name_and_the_auth_of_the_client_and_none_of_ours(bool recovery)
    {
        var asked = new List<string>();
        await using var host = await SocketHost.StartAsync(
            io => io.Of(async (name, auth) =>
            {
                asked.Add($"{name} {auth}");
                await Task.Yield();
                return name == "/admitted";
            }),
            options => options.ConnectionStateRecovery = recovery ? new() : null);
        using var peer = await host.OpenAsync();
        await peer.AssertRefusedAsync("/refused", auth: "{\"key\":1}");
        await peer.SendAsync("40/admitted,{\"pid\":\"" + new string('p', 24) + "\",\"key\":2}");
        Assert.StartsWith("40/admitted,{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(["/refused {\"key\":1}", recovery ? "/admitted {\"key\":2}" : "/admitted {\"pid\":\"" + new string('p', 24) + "\",\"key\":2}"], asked);
        // Who connects to a namespace that exists meets only the middlewares.
        using var second = await host.OpenAsync();
        await second.SendAsync("40/admitted,");
        Assert.StartsWith("40/admitted,{\"sid\":", await second.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task A_name_that_no_parent_admits_is_refused_and_the_connection_stays()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of(Dynamic);
            io.Of((name, _) => name == "/other");
        });
        using var peer = await host.OpenAsync();
        await peer.AssertRefusedAsync("/dynamic-abc");
        await peer.EnterAsync("/other");
    }

    [Fact]
    public async Task Parents_are_asked_in_the_order_of_their_registration_and_after_the_namespaces_that_exist()
    {
        ParentNamespace first = null!, second = null!;
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of("/dynamic-0");
            first = io.Of((name, _) => name == "/dynamic-1");
            second = io.Of(Dynamic);
        });
        using var a = await host.EnterAsync("/dynamic-0");
        using var b = await host.EnterAsync("/dynamic-1");
        using var c = await host.EnterAsync("/dynamic-2");
        Assert.Null(host.Io.Of("/dynamic-0").Parent);
        Assert.Same(first, host.Io.Of("/dynamic-1").Parent);
        Assert.Same(second, host.Io.Of("/dynamic-2").Parent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_predicate_that_throws_is_logged_and_the_next_parent_is_asked(bool later)
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of(async (_, _) =>
            {
                if (later)
                    await Task.Yield();
                throw new InvalidOperationException("the predicate's own fault");
            });
            io.Of(Dynamic);
        });
        host.ExpectedComplaints = 2;
        using var peer = await host.OpenAsync();
        await peer.AssertRefusedAsync("/other");
        await peer.EnterAsync("/dynamic-1");
    }

    [Fact]
    public async Task Of_two_clients_that_ask_for_the_same_name_at_once_both_get_one_namespace()
    {
        var gate = Entering.Signal<bool>();
        var asked = 0;
        var made = new List<SocketIONamespace>();
        ParentNamespace parent = null!;
        await using var host = await SocketHost.StartAsync(io =>
        {
            parent = io.Of((_, _) =>
            {
                Interlocked.Increment(ref asked);
                return gate.Task;
            });
            io.OnNewNamespace(made.Add);
        });
        using var a = await host.OpenAsync();
        using var b = await host.OpenAsync();
        await a.SendAsync("40/same,");
        await b.SendAsync("40/same,");
        await Waiting.Until(() => Volatile.Read(ref asked) == 2);
        gate.SetResult(true);
        Assert.StartsWith("40/same,{\"sid\":", await a.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("40/same,{\"sid\":", await b.ReadAsync(), StringComparison.Ordinal);
        Assert.Same(Assert.Single(made), Assert.Single(parent.Children));
        await Waiting.Until(() => made[0].Sockets.Count == 2);
    }

    [Fact]
    public async Task While_a_predicate_runs_the_same_CONNECT_again_is_ignored_and_other_packets_go_on()
    {
        var gate = Entering.Signal<bool>();
        var asked = 0;
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.OnConnection(socket => socket.On("ping", () => "pong"));
            io.Of((_, _) =>
            {
                asked++;
                return gate.Task;
            });
        });
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("40/slow,");
        await peer.SendAsync("40/slow,");
        await peer.SendAsync("421[\"ping\"]");
        Assert.Equal("431[\"pong\"]", await peer.ReadAsync());
        host.Io.Of("/slow"); // made meanwhile by the application: the client waits for the predicate all the same
        await peer.SendAsync("40/slow,");
        await peer.SendAsync("422[\"ping\"]");
        Assert.Equal("432[\"pong\"]", await peer.ReadAsync());
        gate.SetResult(true);
        Assert.StartsWith("40/slow,{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(1, asked);
        Assert.Null(host.Io.Of("/slow").Parent);
    }

    [Fact]
    public async Task An_event_for_a_namespace_whose_predicate_still_runs_is_out_of_place()
    {
        var gate = Entering.Signal<bool>();
        ParentNamespace parent = null!;
        await using var host = await SocketHost.StartAsync(io => parent = io.Of((_, _) => gate.Task));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40/slow,");
        await peer.SendAsync("42/slow,[\"early\"]");
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => host.Io.EngineServer.SessionCount == 0);
        gate.SetResult(true);
        using var second = await host.EnterAsync("/other"); // the gate is open, and the first has been decided
        Assert.Equal(["/other"], parent.Children.Select(child => child.Name)); // for nobody, none is made
    }

    [Fact]
    public async Task A_flood_of_names_for_a_slow_predicate_pauses_reading_and_is_bounded()
    {
        const int Names = 200;
        var gate = Entering.Signal<bool>();
        var asked = 0;
        await using var host = await SocketHost.StartAsync(io => io.Of(async (_, _) =>
        {
            Interlocked.Increment(ref asked);
            return await gate.Task;
        }));
        using var peer = await host.OpenAsync();
        for (var i = 0; i < Names; i++)
            await peer.SendAsync($"40/{i},");
        await Waiting.Until(() => Volatile.Read(ref asked) >= 32);
        using var other = await host.OpenAsync();
        await other.SendAsync("40/other,");
        await Waiting.Until(() => Volatile.Read(ref asked) == 33);
        gate.SetResult(true);
        for (var i = 0; i < Names; i++)
            Assert.Contains("\"sid\"", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(Names + 1, asked);
    }

    [Fact]
    public async Task A_name_of_the_application_that_matches_a_pattern_becomes_a_child()
    {
        ParentNamespace parent = null!;
        var connected = Entering.Signal<string>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            parent = io.Of(Dynamic).OnConnection(socket => connected.SetResult(socket.Namespace.Name));
            io.Of("/dynamic-7");
        });
        Assert.Same(host.Io.Of("/dynamic-7"), Assert.Single(parent.Children));
        using var peer = await host.EnterAsync("/dynamic-7");
        Assert.Equal("/dynamic-7", await connected.Task.Within());
        await parent.EmitAsync("e");
        Assert.Equal("42/dynamic-7,[\"e\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task New_namespaces_are_told_once_each_and_before_any_client_is_in()
    {
        var told = new List<string>();
        var entered = Entering.Signal<bool>();
        var gate = new ManualResetEventSlim();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.OnNewNamespace(ns =>
            {
                lock (told)
                    told.Add(ns.Name);
                if (ns.Name == "/dynamic-1")
                {
                    entered.SetResult(true);
                    Assert.True(gate.Wait(TimeSpan.FromSeconds(30)));
                    Assert.Same(ns, io.Of(ns.Name));
                    ns.Use((_, _) => throw new ConnectRejectedException("guarded"));
                }
            });
            io.Of("/static");
            io.Of("static");
            io.Of("");
            io.Of(Dynamic);
        });
        using var maker = await host.OpenAsync();
        using var second = await host.OpenAsync();
        await maker.SendAsync("40/dynamic-1,");
        await entered.Task.Within();
        await second.SendAsync("40/dynamic-1,"); // it exists, and has no middleware yet
        await second.AssertRefusedAsync("/nowhere");
        gate.Set();
        Assert.Equal("44/dynamic-1,{\"message\":\"guarded\"}", await maker.ReadAsync());
        Assert.Equal("44/dynamic-1,{\"message\":\"guarded\"}", await second.ReadAsync());
        Assert.Equal(["/static", "/dynamic-1"], told);
    }

    [Fact]
    public async Task A_handler_of_new_namespaces_that_throws_is_logged_and_the_client_gets_in()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.OnNewNamespace(_ => throw new InvalidOperationException("the handler's own fault"));
            io.Of(Dynamic);
        });
        host.ExpectedComplaints = 1;
        using var peer = await host.EnterAsync("/dynamic-1");
    }

    [Fact]
    public async Task No_name_makes_a_pattern_slow()
    {
        // Each of these takes ages with backtracking: the first is run without, the second can't be and gets a limit.
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of(new Regex("^/(a+)+$"));
            io.Of(new Regex("^/(?=(b+)+$)"));
        });
        host.ExpectedComplaints = 1;
        using var peer = await host.OpenAsync();
        await peer.AssertRefusedAsync("/" + new string('a', 1000) + "!");
        await peer.AssertRefusedAsync("/" + new string('b', 1000) + "!");
        await peer.AssertRefusedAsync("/" + new string('b', 1000) + "!");
        await peer.EnterAsync("/aaa");
        await peer.EnterAsync("/bbb");
    }

    [Fact]
    public async Task Clients_cannot_make_more_children_than_the_bound_and_the_application_can()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of(Dynamic), options => options.MaxChildNamespaces = 2);
        host.ExpectedComplaints = 1;
        using var peer = await host.OpenAsync();
        await peer.EnterAsync("/dynamic-1");
        await peer.EnterAsync("/dynamic-2");
        await peer.AssertRefusedAsync("/dynamic-3", "Too many namespaces");
        await peer.AssertRefusedAsync("/dynamic-4", "Too many namespaces");
        Assert.NotNull(host.Io.Of("/dynamic-3").Parent);
        await peer.EnterAsync("/dynamic-3");
        Assert.Null(host.Io.Of("/fixed").Parent);
    }

    [Fact]
    public async Task A_child_has_the_room_and_session_handlers_of_its_parent()
    {
        var seen = new List<string>();
        var ended = Entering.Signal<bool>();
        await using var host = await SocketHost.StartAsync(io => io.Of(Dynamic)
            .OnCreateRoom(room => seen.Add($"create {room.Length}"))
            .OnJoinRoom((room, id) => seen.Add($"join {room == id}"))
            .OnLeaveRoom((room, id) => seen.Add($"leave {room == id}"))
            .OnDeleteRoom(room => seen.Add($"delete {room.Length}"))
            .OnSessionExpired((session, reason) =>
            {
                seen.Add($"expired {reason}");
                ended.SetResult(true);
            }));
        using var peer = await host.EnterAsync("/dynamic-1");
        await peer.SendAsync("41/dynamic-1,");
        await ended.Task.Within();
        Assert.Equal(["create 20", "join True", "leave True", "delete 20", "expired Disconnected"], seen);
    }
}
