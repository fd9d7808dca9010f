using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>Clients of namespaces other than the first.</summary>
internal static class Entering
{
    extension(SocketHost host)
    {
        /// <summary>The server's side of a new client.</summary>
        public async Task<ServerSocket> SocketAsync()
        {
            var peer = await host.ConnectAsync();
            // The answer may be here before the server has done the rest of the same step.
            await Waiting.Until(() => host.Io.Sockets.FindSocket(peer.Id) is { Connected: true });
            var socket = host.Io.Sockets.FindSocket(peer.Id)!;
            socket.Items["peer"] = peer; // or the connection would end with the garbage collection
            return socket;
        }

        /// <summary>A client that has joined a namespace of any name and read the answer.</summary>
        public async Task<Peer> EnterAsync(string name, string auth = "")
        {
            var peer = await host.OpenAsync();
            await peer.EnterAsync(name, auth);
            return peer;
        }
    }

    extension(Peer peer)
    {
        public async Task EnterAsync(string name, string auth = "")
        {
            await peer.SendAsync($"40{name},{auth}");
            var answer = await peer.ReadAsync();
            Assert.StartsWith($$"""40{{name}},{"sid":""", answer, StringComparison.Ordinal);
            peer.Id = answer.Split('"')[3];
        }

        public async Task AssertRefusedAsync(string name, string message = "Invalid namespace", string auth = "")
        {
            await peer.SendAsync($"40{name},{auth}");
            Assert.Equal($$"""44{{name}},{"message":"{{message}}"}""", await peer.ReadAsync());
        }
    }

    /// <summary>What has been signalled once.</summary>
    public static TaskCompletionSource<T> Signal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
