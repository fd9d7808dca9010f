using System.Collections.Concurrent;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// What a client sends that it may not send: it ends its own connection with the word that says why, and nothing else.
public class ViolationTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Theory]
    [InlineData("4", "unknown packet type")] // no packet at all
    [InlineData("45woooot", "Illegal attachments")]
    [InlineData("45", "Illegal attachments")]
    [InlineData("451[]", "Illegal attachments")]
    [InlineData("450-[\"x\"]", "Illegal attachments")]
    [InlineData("4511-[\"x\"]", "too many attachments")]
    [InlineData("444[\"handle me please\"]", null)]
    [InlineData("42[\"disconnect\"]", null)]
    [InlineData("42{}", null)]
    [InlineData("4abc", null)]
    public async Task What_can_not_be_decoded_is_an_error_on_every_socket_before_forced_close(string message, string? reason)
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            foreach (var ns in new[] { io.Sockets, io.Of("/chat") })
            {
                ns.OnConnection(socket =>
                {
                    socket.OnError(failure => _seen.Enqueue($"{ns.Name} error {failure is ProtocolException} {failure.Message}"));
                    socket.OnDisconnecting(why => _seen.Enqueue($"{ns.Name} disconnecting {why}"));
                    socket.OnDisconnect(why => _seen.Enqueue($"{ns.Name} disconnect {why}"));
                });
            }
        });
        using var peer = await host.ConnectAsync();
        using var bystander = await host.ConnectAsync();
        await peer.SendAsync("40/chat");
        Assert.StartsWith("40/chat,{", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync(message);
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 6);
        foreach (var name in new[] { "/", "/chat" })
        {
            var own = _seen.Where(entry => entry.StartsWith(name + " ", StringComparison.Ordinal)).ToArray();
            Assert.StartsWith($"{name} error True {reason}", own[0], StringComparison.Ordinal);
            Assert.Equal([$"{name} disconnecting forced close", $"{name} disconnect forced close"], own[1..]);
        }
        await bystander.SendAsync("40/nowhere");
        Assert.Equal("44/nowhere,{\"message\":\"Invalid namespace\"}", await bystander.ReadAsync());
    }

    [Theory]
    [InlineData("45woooot")]
    [InlineData("444[\"handle me please\"]")]
    public async Task Without_a_listener_it_is_no_complaint_in_the_log(string message)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(why => _seen.Enqueue(why.ToString()))));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync(message);
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 1);
        Assert.Equal(["forced close"], _seen);
    }

    [Theory]
    [InlineData("40")]
    [InlineData("42/chat,[\"x\"]")]
    [InlineData("43/chat,1[]")]
    [InlineData("41/chat,")]
    [InlineData("44{\"message\":\"x\"}")]
    public async Task What_is_out_of_place_closes_the_connection_as_the_server_s_doing_and_is_no_error(string message)
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Of("/chat");
            io.OnConnection(socket =>
            {
                socket.OnError(failure => _seen.Enqueue($"error {failure.Message}"));
                socket.OnDisconnect(why => _seen.Enqueue(why.ToString()));
            });
        });
        using var peer = await host.ConnectAsync();
        await peer.SendAsync(message);
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => !_seen.IsEmpty);
        Assert.Equal(["forced server close"], _seen);
    }

    [Fact]
    public async Task Over_polling_the_close_comes_behind_a_noop()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var http = new HttpClient();
        var peer = await PollingPeer.OpenAsync(host, http);
        await peer.PostAsync("40");
        Assert.StartsWith("40{", (await peer.PollAsync())[0], StringComparison.Ordinal);
        await peer.PostAsync("45woooot");
        Assert.Equal(["6", "1"], await peer.PollAsync());
    }

    [Fact]
    public async Task An_event_that_a_client_calls_error_is_an_event_like_others()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.OnError(_ => _seen.Enqueue("never"));
            socket.On("error", (string text) => text);
        }));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"error\",\"mine\"]");
        Assert.Equal("431[\"mine\"]", await peer.ReadAsync());
        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData("__proto__")]
    [InlineData("constructor")]
    [InlineData("hasOwnProperty")]
    [InlineData("toString")]
    public async Task Names_that_mean_something_in_JavaScript_mean_nothing_here(string name)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("known", () => 1);
            socket.On("join", async (string room) =>
            {
                await socket.JoinAsync(room);
                return socket.Rooms.Count;
            });
        }));
        using var peer = await host.ConnectAsync($"40{{\"{name}\":{{\"polluted\":true}}}}");
        await peer.SendAsync($"420[\"{name}\",{{\"{name}\":{{\"polluted\":true}}}}]");
        await peer.SendAsync($"421[\"join\",\"{name}\"]");
        Assert.Equal("431[2]", await peer.ReadAsync());
        await host.Io.To(name).EmitAsync(name, new Dictionary<string, object> { [name] = 1 });
        Assert.Equal($"42[\"{name}\",{{\"{name}\":1}}]", await peer.ReadAsync());
        await peer.SendAsync($"40/{name}");
        Assert.Equal($"44/{name},{{\"message\":\"Invalid namespace\"}}", await peer.ReadAsync());
        await peer.SendAsync("422[\"known\"]");
        Assert.Equal("432[1]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_socket_with_recovery_hears_of_the_error_and_its_client_may_come_back()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.OnError(failure => _seen.Enqueue(failure.Message));
            socket.OnDisconnect(why => _seen.Enqueue(why.ToString()));
        }));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("45");
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 2);
        Assert.Equal(["Illegal attachments", "forced close"], _seen);
        using var back = await host.ReturnAsync(peer);
        Assert.True(host.SocketOf(back).Recovered);
    }
}
