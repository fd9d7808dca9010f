using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>What a test wants to know of a socket at the server.</summary>
internal static class SocketStates
{
    /// <summary>The socket of a client that has read the answer to its CONNECT, which may be here before the server has done the rest of that step.</summary>
    public static async Task<ServerSocket> SocketAsync(this SocketHost host, Peer peer, string ns = "/")
    {
        await Waiting.Until(() => host.Io.Of(ns).FindSocket(peer.Id) is { Connected: true });
        return host.Io.Of(ns).FindSocket(peer.Id)!;
    }

    /// <summary>Waits until nothing is queued for it, and what is emitted would leave at once.</summary>
    public static Task IsIdleAsync(this ServerSocket socket) => Waiting.Until(() =>
    {
        var outlet = socket.Binding.Outlet;
        lock (outlet.Gate)
            return outlet.QueuedCount == 0 && outlet.Transport.IsWritable;
    });

    /// <summary>What is queued for it at this moment.</summary>
    public static EncodedPacket[] Queued(this ServerSocket socket)
    {
        var outlet = socket.Binding.Outlet;
        lock (outlet.Gate)
        {
            var packets = new EncodedPacket[outlet.QueuedCount];
            outlet.TakeBatch(packets, int.MaxValue);
            outlet.PutBack(packets);
            return packets;
        }
    }
}
