using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>The connection below the sockets of one client.</summary>
public class ConnectionTests
{
    [Fact]
    public async Task The_sockets_of_one_client_share_their_connection_and_those_of_another_do_not()
    {
        var sockets = new List<ServerSocket>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.OnConnection(sockets.Add);
            io.Of("/chat").OnConnection(sockets.Add);
        });
        using var first = await host.ConnectAsync();
        await first.SendAsync("40/chat,");
        await first.ReadAsync();
        using var second = await host.ConnectAsync();
        await Waiting.Until(() => sockets.Count == 3);

        Assert.Same(sockets[0].Connection, sockets[1].Connection);
        Assert.NotSame(sockets[0].Connection, sockets[2].Connection);
        Assert.NotEqual(sockets[0].Id, sockets[0].Connection.Id);
        Assert.Equal(("websocket", 4, EngineSocketState.Open), (sockets[0].Connection.TransportName, sockets[0].Connection.Protocol, sockets[0].Connection.State));
    }

    [Fact]
    public async Task A_new_connection_is_told_before_its_client_joins_anything()
    {
        var told = new List<string>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Engine.OnConnection(connection =>
            {
                told.Add("connection");
                connection.OnMessage(message => told.Add($"message {message.Text}"));
            });
            io.OnConnection(socket => told.Add($"socket, {io.Engine.ClientsCount} client"));
        });

        using var peer = await host.ConnectAsync();
        await Waiting.Until(() => told.Count == 3);

        Assert.Equal(["connection", "message 0", "socket, 1 client"], told);
    }

    [Fact]
    public async Task A_connection_that_the_application_can_not_take_is_refused_and_others_are_not()
    {
        var refuse = true;
        await using var host = await SocketHost.StartAsync(io => io.Engine.OnConnection(_ =>
        {
            if (refuse)
            {
                throw new InvalidOperationException("not now");
            }
        }));
        host.ExpectedComplaints = 1;

        using var http = new HttpClient();
        Assert.Equal(500, (int)(await http.GetAsync(host.Address + "/socket.io/?EIO=4&transport=polling").Within()).StatusCode);
        Assert.Equal(0, host.Io.Engine.ClientsCount);
        refuse = false;
        using var peer = await host.ConnectAsync();

        Assert.Equal(1, host.Io.Engine.ClientsCount);
    }

    [Fact]
    public async Task It_tells_of_packets_both_ways_and_of_the_end()
    {
        var told = new List<string>();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var joined = new TaskCompletionSource<ServerSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.Connection.OnPacket(packet => Add($"in {packet.Kind} {packet.Text}"));
            socket.Connection.OnPacketCreate(packet => Add($"out {packet.Kind} {packet.Text}"));
            socket.Connection.OnClose((reason, _) =>
            {
                Add($"closed {reason}");
                closed.SetResult();
            });
            socket.On("ask", () => socket.EmitAsync("answer", 1));
            joined.SetResult(socket);
        }));
        using var peer = await host.ConnectAsync();
        await joined.Task.Within();

        await peer.SendAsync("42[\"ask\"]");
        Assert.Equal("42[\"answer\",1]", await peer.ReadAsync());
        await peer.SendAsync("1");
        await closed.Task.Within();

        // The answer to the client's CONNECT may leave before or after the listener is there.
        Assert.Equal(["in Message 2[\"ask\"]", "out Message 2[\"answer\",1]", "in Close ", "closed transport close"], told.Where(line => !line.StartsWith("out Message 0", StringComparison.Ordinal)));

        void Add(string what)
        {
            lock (told)
            {
                told.Add(what);
            }
        }
    }

    [Fact]
    public async Task What_was_emitted_can_be_waited_for_until_it_has_left()
    {
        var joined = new TaskCompletionSource<ServerSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => joined.SetResult(socket)));
        using var peer = await host.ConnectAsync();
        var socket = await joined.Task.Within();

        for (var i = 0; i < 100; i++)
        {
            await socket.EmitAsync("number", i);
        }

        await socket.Connection.FlushAsync().Within();

        Assert.Equal(0, socket.Connection.UnsentBytes);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"42[\"number\",{i}]", await peer.ReadAsync());
        }
    }

    [Fact]
    public async Task Refused_requests_and_headers_are_told_on_a_Socket_IO_server_as_well()
    {
        var errors = new List<EngineConnectionError>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Engine.OnConnectionError(errors.Add);
            io.Engine.OnInitialHeaders((headers, _) => headers["X-Begin"] = "yes");
            io.Engine.OnHeaders((headers, _) => headers["X-Any"] = "yes");
        });
        using var http = new HttpClient();

        using var open = await http.GetAsync(host.Address + "/socket.io/?EIO=4&transport=polling").Within();
        using var refused = await http.GetAsync(host.Address + "/socket.io/?EIO=4&transport=polling&sid=x").Within();

        Assert.Equal((true, true), (open.Headers.Contains("X-Begin"), open.Headers.Contains("X-Any")));
        Assert.Equal((1, "x"), (Assert.Single(errors).Code, errors[0].Context["sid"]));
    }

    [Fact]
    public async Task The_options_of_the_engine_hold_on_a_Socket_IO_server()
    {
        await using var host = await SocketHost.StartAsync(_ => { }, options =>
        {
            options.Cookie = new AffinityCookieBuilder();
            options.GenerateId = _ => new("custom");
            options.AllowRequest = context => Task.FromResult(!context.Request.Query.ContainsKey("bad"));
        });
        using var http = new HttpClient();

        using var open = await http.GetAsync(host.Address + "/socket.io/?EIO=4&transport=polling").Within();
        using var refused = await http.GetAsync(host.Address + "/socket.io/?EIO=4&transport=polling&bad=1").Within();

        Assert.Equal("io=custom; path=/; samesite=lax; httponly", open.Headers.GetValues("Set-Cookie").Single());
        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_client_that_comes_back_comes_on_another_connection_and_the_old_one_is_closed()
    {
        var sockets = new List<ServerSocket>();
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(sockets.Add), options => options.ConnectionStateRecovery = new());
        var first = await host.OpenAsync();
        await first.SendAsync("40");
        var pid = (await first.ReadAsync()).Split('"')[7];
        await Waiting.Until(() => sockets.Count == 1);
        var old = sockets[0].Connection;
        first.Dispose();
        await Waiting.Until(() => old.State == EngineSocketState.Closed);
        await host.Io.EmitAsync("missed");
        await old.SendAsync("to nobody");
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => old.FlushAsync().Within());

        using var second = await host.OpenAsync();
        await second.SendAsync($$"""40{"pid":"{{pid}}"}""");
        Assert.Contains(pid, await second.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("42[\"missed\",", await second.ReadAsync(), StringComparison.Ordinal);
        await Waiting.Until(() => sockets.Count == 2);

        Assert.True(sockets[1].Recovered);
        Assert.Equal(sockets[0].Id, sockets[1].Id);
        Assert.NotSame(old, sockets[1].Connection);
        Assert.Equal(EngineSocketState.Open, sockets[1].Connection.State);
    }
}
