namespace Holdfast;

// What a namespace lets an application register, for all children that are made from now on.
public sealed partial class ParentNamespace
{
    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public ParentNamespace Use(Func<ServerSocket, Func<Task>, Task> middleware)
    {
        Template.Use(middleware);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public ParentNamespace OnConnection(Func<ServerSocket, Task> handler)
    {
        Template.OnConnection(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public ParentNamespace OnConnection(Action<ServerSocket> handler)
    {
        Template.OnConnection(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>
    public ParentNamespace OnRecovering(Func<SocketSession, Handshake, Task<bool>> handler)
    {
        Template.OnRecovering(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>
    public ParentNamespace OnRecovering(Func<SocketSession, Handshake, bool> handler)
    {
        Template.OnRecovering(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionParked(Func{SocketSession, DisconnectReason, Task})"/>
    public ParentNamespace OnSessionParked(Func<SocketSession, DisconnectReason, Task> handler)
    {
        Template.OnSessionParked(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionParked(Func{SocketSession, DisconnectReason, Task})"/>
    public ParentNamespace OnSessionParked(Action<SocketSession, DisconnectReason> handler)
    {
        Template.OnSessionParked(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionResumed(Func{ServerSocket, Task})"/>
    public ParentNamespace OnSessionResumed(Func<ServerSocket, Task> handler)
    {
        Template.OnSessionResumed(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionResumed(Func{ServerSocket, Task})"/>
    public ParentNamespace OnSessionResumed(Action<ServerSocket> handler)
    {
        Template.OnSessionResumed(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionExpired(Func{SocketSession, SessionExpiryReason, Task})"/>
    public ParentNamespace OnSessionExpired(Func<SocketSession, SessionExpiryReason, Task> handler)
    {
        Template.OnSessionExpired(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionExpired(Func{SocketSession, SessionExpiryReason, Task})"/>
    public ParentNamespace OnSessionExpired(Action<SocketSession, SessionExpiryReason> handler)
    {
        Template.OnSessionExpired(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnCreateRoom"/>
    public ParentNamespace OnCreateRoom(Action<string> handler)
    {
        Template.OnCreateRoom(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnJoinRoom"/>
    public ParentNamespace OnJoinRoom(Action<string, string> handler)
    {
        Template.OnJoinRoom(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnLeaveRoom"/>
    public ParentNamespace OnLeaveRoom(Action<string, string> handler)
    {
        Template.OnLeaveRoom(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnDeleteRoom"/>
    public ParentNamespace OnDeleteRoom(Action<string> handler)
    {
        Template.OnDeleteRoom(handler);
        return this;
    }
}
