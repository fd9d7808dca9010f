using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Sockets;

internal sealed partial class Connection
{
    private void Connect(in Packet packet)
    {
        if (_server.Find(packet.Namespace) is not { } ns)
        {
            Send(_server.Parser.EncodeConnectError(packet.Namespace, "Invalid namespace", null));
            return;
        }

        var session = new Session(SessionId.Create(), _server.Parser, _server.Time, _server.Options.InboxLimit);
        var socket = new ServerSocket(ns, this, session, Engine.Handshake.WithAuth(packet.Payload));
        lock (_gate)
        {
            if (_closed)
                return;
            // The name is taken now, before anything asynchronous: two CONNECTs in one breath can't make two sockets.
            if (!_sockets.TryAdd(ns.Name, socket))
            {
                // While the first is pending, a second one is a page that called connect() twice.
                if (!_sockets[ns.Name].Connected)
                {
                    _server.Log.RepeatedConnect(Engine.Handshake.Address, ns.Name);
                    return;
                }
                socket = null;
            }
        }
        if (socket is null)
            Violation($"a second CONNECT to the namespace {ns.Name}");
        else
            _ = ns.ConnectAsync(socket);
    }

    /// <summary>The middlewares have let it in. False: it was closed meanwhile, and its session has ended.</summary>
    public bool Accept(ServerSocket socket)
    {
        var session = socket.Session;
        if (!socket.Namespace.Adapter.Attach(session, Engine, _server.Parser.EncodeConnect(socket.Namespace.Name, session.Id, pid: null)))
        {
            // Either it is closed already, or the client does not even read its answers.
            Close(socket, DisconnectReason.TransportError, null);
            return false;
        }
        lock (_gate)
        {
            if (_closed || !IsHeld(socket))
                return false;
            socket.Opened();
        }
        _server.Engine.Clock.Cancel(_connectDeadline);
        session.Handlers.Run();
        return true;
    }

    /// <summary>The host stops: all sockets end, without a word to the client.</summary>
    public void ShutDown() => CloseAll(DisconnectReason.ServerShuttingDown, null);

    public void Refuse(ServerSocket socket, string message, object? details)
    {
        if (Close(socket, DisconnectReason.ServerNamespaceDisconnect, null))
            Send(_server.Parser.EncodeConnectError(socket.Namespace.Name, message, details));
    }

    /// <summary>The one end of a socket, whoever comes first. False: somebody else was.</summary>
    private bool Close(ServerSocket socket, DisconnectReason reason, string? description, bool farewell = false)
    {
        lock (_gate)
        {
            if (!IsHeld(socket))
                return false;
            _sockets.Remove(socket.Namespace.Name);
            if (_last == socket)
                _last = null;
            socket.Closed(reason, description);
        }
        if (farewell)
            Send(_server.Parser.EncodeDisconnect(socket.Namespace.Name));
        socket.Cancel();
        socket.Namespace.Adapter.End(socket.Session);
        socket.Session.Acks.FailAll(new SocketDisconnectedException(reason));
        socket.Session.Handlers.Run();
        return true;
    }

    // Object identity, not the name: a newer socket of the same namespace is not ours to close.
    private bool IsHeld(ServerSocket socket) => _sockets.TryGetValue(socket.Namespace.Name, out var held) && ReferenceEquals(held, socket);

    private void Send(EncodedPacket packet) => _ = Engine.SendAsync(packet, CancellationToken.None);
}
