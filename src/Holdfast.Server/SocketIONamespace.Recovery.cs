using Holdfast.Diagnostics;
using Holdfast.Recovery;

namespace Holdfast;

public sealed partial class SocketIONamespace : ISessionEvents
{
    private Func<SocketSession, Handshake, Task<bool>>[] _recoveringHandlers = [];
    private Func<SocketSession, DisconnectReason, Task>[] _parkedHandlers = [];
    private Func<ServerSocket, Task>[] _resumedHandlers = [];
    private Func<SocketSession, SessionExpiryReason, Task>[] _expiredHandlers = [];

    /// <summary>
    /// Adds a veto: it is asked each time that a client wants its session back, before any middleware, and whether middlewares are skipped or not. All handlers must return true; otherwise, or when
    /// one throws, the client starts afresh, through the middlewares, and the session goes on waiting for its owner. It is asked only when the user is the same.
    /// </summary>
    /// <param name="handler">Gets the session and the new connection's handshake.</param>
    public SocketIONamespace OnRecovering(Func<SocketSession, Handshake, Task<bool>> handler) => Register(ref _recoveringHandlers, handler);

    /// <inheritdoc cref="OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>
    public SocketIONamespace OnRecovering(Func<SocketSession, Handshake, bool> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnRecovering((session, handshake) => Task.FromResult(handler(session, handshake)));
    }

    /// <summary>
    /// Adds a handler for sessions that have lost their connection and wait for their client. It runs after the <c>OnDisconnect</c> handlers, in the session's line of handlers; the session may
    /// have been resumed meanwhile, and then <c>OnSessionResumed</c> follows. Only with <see cref="SocketIOOptions.ConnectionStateRecovery"/>.
    /// </summary>
    public SocketIONamespace OnSessionParked(Func<SocketSession, DisconnectReason, Task> handler) => Register(ref _parkedHandlers, handler);

    /// <inheritdoc cref="OnSessionParked(Func{SocketSession, DisconnectReason, Task})"/>
    public SocketIONamespace OnSessionParked(Action<SocketSession, DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnSessionParked((session, reason) =>
        {
            handler(session, reason);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Adds a handler for sessions whose client has come back, with all events or without (<see cref="ServerSocket.Recovery"/> says which). It runs before the <c>OnConnection</c> handlers.
    /// </summary>
    public SocketIONamespace OnSessionResumed(Func<ServerSocket, Task> handler) => Register(ref _resumedHandlers, handler);

    /// <inheritdoc cref="OnSessionResumed(Func{ServerSocket, Task})"/>
    public SocketIONamespace OnSessionResumed(Action<ServerSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnSessionResumed(socket =>
        {
            handler(socket);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Adds a handler for sessions that are over: their client is gone for good. It runs exactly once for each session whose client was told that it is connected, whatever ended it, after the
    /// <c>OnDisconnect</c> handlers of its last socket; not for sessions that still wait when the host stops. Without recovery it follows each disconnection.
    /// </summary>
    public SocketIONamespace OnSessionExpired(Func<SocketSession, SessionExpiryReason, Task> handler) => Register(ref _expiredHandlers, handler);

    /// <inheritdoc cref="OnSessionExpired(Func{SocketSession, SessionExpiryReason, Task})"/>
    public SocketIONamespace OnSessionExpired(Action<SocketSession, SessionExpiryReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnSessionExpired((session, reason) =>
        {
            handler(session, reason);
            return Task.CompletedTask;
        });
    }

    void ISessionEvents.Kick(Session session, bool close) => Disconnect(session, close);

    void ISessionEvents.GiveWay(SessionBinding holder) => ((ServerSocket)holder.Socket).Client.GiveWay(holder);

    async ValueTask ISessionEvents.OnParkedAsync(Session session, DisconnectReason reason)
    {
        await RunAllAsync("session parked", _parkedHandlers, handler => handler(new SocketSession(Adapter, session), reason));
        Adapter.WriteChanges(session);
    }

    ValueTask ISessionEvents.OnExpiredAsync(Session session, SessionExpiryReason reason) =>
        RunAllAsync("session expired", _expiredHandlers, handler => handler(new SocketSession(Adapter, session), reason));

    /// <summary>Whether the application lets this connection have the session back.</summary>
    private async ValueTask<bool> MayRecoverAsync(ServerSocket socket)
    {
        foreach (var handler in _recoveringHandlers)
        {
            try
            {
                if (!await handler(new SocketSession(Adapter, socket.Session), socket.Handshake))
                    return false;
            }
            catch (Exception failure)
            {
                Server.Log.HandlerFailed(failure, Name, "recovering");
                return false;
            }
        }
        return true;
    }

    private async ValueTask RunAllAsync<T>(string what, T[] handlers, Func<T, Task> run)
    {
        foreach (var handler in handlers)
        {
            try
            {
                await run(handler);
            }
            catch (Exception failure)
            {
                Server.Log.HandlerFailed(failure, Name, what);
            }
        }
    }

    private SocketIONamespace Register<T>(ref T[] handlers, T handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_registration)
            handlers = [.. handlers, handler];
        return this;
    }
}
