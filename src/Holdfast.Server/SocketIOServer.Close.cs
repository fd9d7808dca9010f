namespace Holdfast;

public sealed partial class SocketIOServer
{
    private volatile bool _isClosed;

    /// <summary>Whether <see cref="CloseAsync"/> has been called, and <see cref="Open"/> not since.</summary>
    internal bool IsClosed => _isClosed;

    /// <summary>
    /// Disconnects all clients and lets nobody in until <see cref="Open"/>: all sockets end at once with <c>server shutting down</c>, without a DISCONNECT to their clients, and all connections
    /// below with what they still had to send; new ones are answered 503. Completes when all have been told. Does nothing the second time. The host does it by itself when it stops.
    /// With connection state recovery the sessions wait for their clients as after any other loss.
    /// </summary>
    public async Task CloseAsync()
    {
        // First of all: a socket that is accepted in between ends with its connection, and for the same reason.
        _isClosed = true;
        EngineServer.Refuse();
        foreach (var ns in Namespaces.All)
        {
            foreach (var socket in ns.Sockets)
                socket.Client.ShutDown();
        }
        Recovery?.Abandon(new SocketDisconnectedException(DisconnectReason.ServerShuttingDown));
        await EngineServer.StopAsync();
    }

    /// <summary>Lets clients in again after <see cref="CloseAsync"/>. Namespaces, middlewares and handlers are what they were. Does nothing on a server that is open.</summary>
    public void Open()
    {
        _isClosed = false;
        EngineServer.Accept();
    }
}
