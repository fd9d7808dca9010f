using System.Collections.Concurrent;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// The middlewares of a namespace, which run for each CONNECT.
public class MiddlewareTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task All_of_them_run_in_the_order_of_registration_and_the_connection_handler_behind_them()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io
            .Use((_, next) =>
            {
                _seen.Enqueue("first");
                return next();
            })
            .Use(async (_, next) =>
            {
                await gate.Task;
                _seen.Enqueue("second");
                await next();
            })
            .Use(async (_, next) =>
            {
                await Task.Yield();
                _seen.Enqueue("third");
                await next();
            })
            .OnConnection(socket =>
            {
                _seen.Enqueue("connection");
                socket.On("x", () => 1);
            }));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        await peer.SendAsync("40/nowhere");
        Assert.StartsWith("44/nowhere,", await peer.ReadAsync(), StringComparison.Ordinal); // so the main namespace has not answered yet
        Assert.Equal(["first"], _seen);
        gate.SetResult();
        Assert.StartsWith("40{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("421[\"x\"]");
        Assert.Equal("431[1]", await peer.ReadAsync());
        Assert.Equal(["first", "second", "third", "connection"], _seen);
    }

    [Theory]
    [InlineData(false, "44{\"message\":\"Authentication error\"}")]
    [InlineData(true, "44{\"message\":\"Authentication error\",\"data\":{\"a\":\"b\",\"c\":3}}")]
    public async Task One_that_refuses_ends_the_chain_and_the_client_is_told_why(bool withData, string answer)
    {
        await using var host = await SocketHost.StartAsync(io => io
            .Use((_, next) => next())
            .Use((_, _) => throw new ConnectRejectedException("Authentication error", withData ? new { a = "b", c = 3 } : null))
            .Use((_, next) =>
            {
                _seen.Enqueue("never");
                return next();
            })
            .OnConnection(_ => _seen.Enqueue("never")));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        Assert.Equal(answer, await peer.ReadAsync());
        Assert.Empty(_seen);
        Assert.Empty(host.Io.Sockets.Sockets);
    }

    [Fact]
    public async Task Those_of_one_namespace_do_not_run_for_another()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Use((_, next) =>
            {
                _seen.Enqueue("/");
                return next();
            });
            io.Of("/chat").Use((socket, next) =>
            {
                _seen.Enqueue($"{socket.Namespace.Name} 1");
                return next();
            }).Use((socket, next) =>
            {
                _seen.Enqueue($"{socket.Namespace.Name} 2");
                return next();
            });
        });
        using var peer = await host.ConnectAsync("40/chat,");
        Assert.Equal(["/chat 1", "/chat 2"], _seen);
        await peer.SendAsync("40");
        Assert.StartsWith("40{", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(["/chat 1", "/chat 2", "/"], _seen);
    }

    [Fact]
    public async Task With_middlewares_the_answer_to_CONNECT_is_the_same_and_comes_once()
    {
        await using var host = await SocketHost.StartAsync(io => io.Use((_, next) => next()));
        using var http = new HttpClient();
        var peer = await PollingPeer.OpenAsync(host, http);
        await peer.PostAsync("40");
        Assert.Matches("^40{\"sid\":\"[A-Za-z0-9_-]{20}\"}$", Assert.Single(await peer.PollAsync()));
    }

    [Fact]
    public async Task A_socket_is_connected_and_among_the_sockets_only_when_all_have_passed()
    {
        var checks = new List<(bool Connected, bool Listed)>();
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Use((socket, next) =>
            {
                Check(socket);
                return next();
            });
            io.Use((socket, next) =>
            {
                Check(socket);
                return next();
            });
            io.OnConnection(socket =>
            {
                Check(socket);
                socket.OnDisconnecting(_ => Check(socket));
                socket.OnDisconnect(_ =>
                {
                    Check(socket);
                    _seen.Enqueue("over");
                });
            });

            void Check(ServerSocket socket) => checks.Add((socket.Connected, io.Sockets.FindSocket(socket.Id) == socket && io.Sockets.Sockets.Contains(socket)));
        });
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("41");
        await Waiting.Until(() => !_seen.IsEmpty);
        Assert.Equal([(false, false), (false, false), (true, true), (false, false), (false, false)], checks);
    }

    [Fact]
    public async Task Rooms_that_a_refused_socket_has_joined_are_left_again()
    {
        await using var host = await SocketHost.StartAsync(io => io.Use(async (socket, _) =>
        {
            await socket.JoinAsync("room1");
            throw new ConnectRejectedException("nope");
        }));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        Assert.Equal("44{\"message\":\"nope\"}", await peer.ReadAsync());
        Assert.Equal(0, host.Io.Sockets.Adapter.RoomCount);
        Assert.Equal(0, host.Io.Sockets.Adapter.SessionCount);
    }
}
