using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>A client of Engine.IO 3 by hand: what its Socket.IO looks like on the wire.</summary>
internal static class OlderClient
{
    public static Task<SocketHost> StartAsync(Action<SocketIOServer> configure, Action<SocketIOOptions>? options = null) =>
        SocketHost.StartAsync(configure, o =>
        {
            o.AllowEIO3 = true;
            options?.Invoke(o);
        });

    extension(SocketHost host)
    {
        /// <summary>A WebSocket that has read its handshake; the peer's id is that of the connection.</summary>
        public async Task<Peer> OpenOlderAsync(string query = "")
        {
            var peer = await host.DialAsync("?EIO=3&transport=websocket" + query);
            var open = await peer.ReadAsync();
            Assert.StartsWith("0{\"sid\":", open, StringComparison.Ordinal);
            peer.Id = open.Split('"')[3];
            return peer;
        }

        /// <summary>The same, and it is in the main namespace.</summary>
        public async Task<Peer> ConnectOlderAsync(string query = "")
        {
            var peer = await host.OpenOlderAsync(query);
            Assert.Equal("40", await peer.ReadAsync());
            await Waiting.Until(() => host.Io.Sockets.FindSocket(peer.Id) is { Connected: true });
            return peer;
        }
    }
}
