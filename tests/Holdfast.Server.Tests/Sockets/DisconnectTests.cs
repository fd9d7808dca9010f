using System.Collections.Concurrent;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

public class DisconnectTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task Closing_tells_every_namespace_of_the_client_behind_all_that_was_emitted_and_ends_the_connection()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            foreach (var ns in new[] { io.Sockets, io.Of("/foo"), io.Of("/bar") })
            {
                ns.OnConnection(socket => socket.OnDisconnect(why => _seen.Enqueue($"{ns.Name} {why}")));
                ns.OnConnection(socket => socket.On("close", async () =>
                {
                    await socket.EmitAsync("last words");
                    await socket.DisconnectAsync(close: true);
                }));
            }
        });
        using var peer = await host.ConnectAsync();
        foreach (var ns in new[] { "/foo", "/bar" })
        {
            await peer.SendAsync($"40{ns}");
            Assert.StartsWith($"40{ns},", await peer.ReadAsync(), StringComparison.Ordinal);
        }
        await peer.SendAsync("42/bar,[\"close\"]");
        Assert.Equal("42/bar,[\"last words\"]", await peer.ReadAsync());
        Assert.Equal(["41", "41/bar,", "41/foo,"], new[] { await peer.ReadAsync(), await peer.ReadAsync(), await peer.ReadAsync() }.Order(StringComparer.Ordinal));
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => _seen.Count == 3);
        Assert.Equal(["/ server namespace disconnect", "/bar server namespace disconnect", "/foo server namespace disconnect"], _seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Leaving_one_namespace_keeps_the_connection_and_the_others()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.OnConnection(socket =>
            {
                socket.OnDisconnect(why => _seen.Enqueue($"{why} {socket.Connected}"));
                socket.On("leave", async () =>
                {
                    await socket.DisconnectAsync();
                    await socket.DisconnectAsync();
                    await socket.EmitAsync("never");
                });
            });
            io.Of("/foo").OnConnection(socket => socket.On("x", () => 1));
        });
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("40/foo");
        Assert.StartsWith("40/foo,", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("42[\"leave\"]");
        Assert.Equal("41", await peer.ReadAsync());
        await peer.SendAsync("42/foo,1[\"x\"]");
        Assert.Equal("43/foo,1[1]", await peer.ReadAsync());
        await Waiting.Until(() => !_seen.IsEmpty);
        Assert.Equal(["server namespace disconnect False"], _seen);
    }
}
