using Holdfast.Adapters;
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

        var socket = CreateSocket(ns, packet.Payload);
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
                    _server.Meter.RepeatedConnect();
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

    private ServerSocket CreateSocket(SocketIONamespace ns, EventArgument auth)
    {
        if (_server.Recovery is not { } store)
            return new ServerSocket(ns, this, CreateSession(ns), Engine.Handshake.WithAuth(auth), default, default);
        var request = store.ReadRequest(auth, _server.Parser, out var rest);
        var session = store.Find(request, ns.Name, UserKey.Of(Engine.Handshake.User), out var expected);
        return new ServerSocket(ns, this, session ?? CreateSession(ns), Engine.Handshake.WithAuth(rest), request, expected);
    }

    private Session CreateSession(SocketIONamespace ns) => new(SessionId.Create(), ns.Name, _server.Parser, _server.Time, _server.Options.InboxLimit)
    {
        User = _server.Recovery is null ? null : UserKey.Of(Engine.Handshake.User),
    };

    /// <summary>The client does not get the session that it wanted: a new socket with a session of its own takes the place of the first. Null: that one was closed meanwhile.</summary>
    public ServerSocket? StartAfresh(ServerSocket socket, RecoveryReason reason)
    {
        var request = new ResumeRequest(null, null, socket.Binding.Request.Ticket);
        var fresh = new ServerSocket(socket.Namespace, this, CreateSession(socket.Namespace), socket.Handshake, request, new RecoveryResult(RecoveryOutcome.Fresh, reason, 0));
        lock (_gate)
        {
            if (!IsHeld(socket))
                return null;
            _sockets[socket.Namespace.Name] = fresh;
            socket.Namespace.Adapter.Refuse(socket.Binding);
        }
        socket.Cancel();
        return fresh;
    }

    /// <summary>The middlewares have let it in: it gets its session, and its client is told. When somebody else has that session, that one goes first.</summary>
    public async ValueTask<ClaimOutcome> AcceptAsync(ServerSocket socket)
    {
        var privateId = _server.Recovery is null ? null : socket.Recovered ? socket.Binding.Request.PrivateId! : PrivateId.Create();
        var connect = _server.Parser.EncodeConnect(socket.Namespace.Name, socket.Id, privateId);
        var hash = privateId is null ? default : PrivateId.Hash(privateId);
        while (true)
        {
            SessionBinding? holder;
            ClaimOutcome outcome;
            lock (_gate)
            {
                // It was closed meanwhile.
                if (_closed || !IsHeld(socket))
                    return ClaimOutcome.Full;
                outcome = socket.Namespace.Adapter.Claim(socket.Binding, connect, hash, out holder);
                if (outcome == ClaimOutcome.Claimed)
                    socket.Opened();
            }
            switch (outcome)
            {
                case ClaimOutcome.Held:
                    ((ServerSocket)holder!.Socket).Client.GiveWay(holder);
                    continue;
                case ClaimOutcome.Contested when !await ((ServerSocket)holder!.Socket).Client.GiveWayAliveAsync(holder):
                    continue;
                case ClaimOutcome.Contested:
                    socket.Binding.Result = new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.ContestedSession, 0);
                    return ClaimOutcome.Lost;
                case ClaimOutcome.Full:
                    Close(socket, DisconnectReason.TransportError, null);
                    return outcome;
                case ClaimOutcome.Claimed:
                    _server.EngineServer.Clock.Cancel(_connectDeadline);
                    _server.Report(socket);
                    socket.Session.Handlers.Run();
                    return outcome;
                default:
                    return outcome;
            }
        }
    }

    /// <summary>The host stops: all sockets end, without a word to the client.</summary>
    public void ShutDown() => CloseAll(DisconnectReason.ServerShuttingDown, null);

    public void Refuse(ServerSocket socket, string message, object? details)
    {
        if (Close(socket, DisconnectReason.ServerNamespaceDisconnect, null))
            Send(_server.Parser.EncodeConnectError(socket.Namespace.Name, message, details));
    }

    /// <summary>The one end of a socket, whoever comes first. False: somebody else was.</summary>
    private bool Close(ServerSocket socket, DisconnectReason reason, string? description, EncodedPacket? farewell = null, bool isClosing = false, ProtocolException? fault = null)
    {
        List<Session> touched;
        lock (_gate)
        {
            if (!IsHeld(socket))
                return false;
            _sockets.Remove(socket.Namespace.Name);
            if (_last == socket)
                _last = null;
            socket.Closed(reason, description);
            touched = socket.Namespace.Adapter.Release(socket.Binding, reason, farewell, isClosing, () => socket.RunDisconnectHandlersAsync(reason, fault));
        }
        socket.Cancel();
        socket.Namespace.Adapter.Settle(touched);
        return true;
    }

    // Object identity, not the name: a newer socket of the same namespace is not ours to close.
    private bool IsHeld(ServerSocket socket) => _sockets.TryGetValue(socket.Namespace.Name, out var held) && ReferenceEquals(held, socket);

    private void Send(EncodedPacket packet) => _ = Engine.SendAsync(packet, CancellationToken.None);
}
