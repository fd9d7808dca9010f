using Holdfast.Engine;

namespace Holdfast;

/// <summary>What an application does with the clients of a bare Engine.IO endpoint.</summary>
public sealed class EngineIOEndpoint
{
    private Action<EngineSocket>? _connected;

    internal EngineIOEndpoint()
    {
    }

    /// <summary>
    /// Sets what is called with each new client, before anything is read from it. An exception refuses this client and is logged as the application's error.
    /// </summary>
    public void OnConnection(Action<EngineSocket> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _connected = callback;
    }

    internal SessionHandler Connect(EngineSession session)
    {
        var socket = new EngineSocket(session);
        _connected?.Invoke(socket);
        return new Callbacks(socket);
    }

    private sealed class Callbacks(EngineSocket socket) : SessionHandler
    {
        public override ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary) =>
            socket.MessageCallback is { } callback ? callback(new EngineMessage(message, isBinary)) : ValueTask.CompletedTask;

        public override void OnClosed(CloseReason reason, string? description) => socket.CloseCallback?.Invoke(reason, description);
    }
}
