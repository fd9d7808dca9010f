using Holdfast.Adapters;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Recovery;

namespace Holdfast.Sockets;

internal sealed partial class Connection
{
    /// <summary>What a socket weighs, roughly, beside what its client said.</summary>
    private const int SocketWeight = 1024;

    // What all sockets of this connection keep for their clients, under the gate. Who can choose names could join without end.
    private long _weight;

    /// <summary>Not finished: too many CONNECTs wait for the application; the task ends when this one does not any more.</summary>
    private ValueTask Connect(string name, EventArgument payload, int size)
    {
        // The connection ends in a moment, and the client asks somewhere else.
        if (_server.IsClosed)
            return default;
        var request = ReadRequest(payload.Own(), out var auth); // before it enters, because it may throw, and who has entered must leave
        if (request.PrivateId is not null && _server.Recovery is { IsShared: true })
            return Ask(name, request, auth, size);
        if (_server.Namespaces.Enter(name) is { } ns)
            Join(ns, request, auth, wasAsking: false);
        else if (_server.Namespaces.HasParents)
            return Ask(name, request, auth, size);
        else
            Send(_server.Parser.EncodeConnectError(name, "Invalid namespace", null));
        return default;
    }

    private ResumeRequest ReadRequest(EventArgument payload, out EventArgument auth)
    {
        auth = payload;
        return IsThree ? default : _server.Recovery?.ReadRequest(payload, _server.Parser, out auth) ?? default;
    }

    /// <summary>Into a namespace that the client has entered, and leaves by itself when it has been decided whether the client is in.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="request">What the client says about a former session.</param>
    /// <param name="auth">The rest of what it says.</param>
    /// <param name="wasAsking">This CONNECT had to wait for a parent of the namespace.</param>
    private void Join(SocketIONamespace ns, in ResumeRequest request, EventArgument auth, bool wasAsking)
    {
        var socket = CreateSocket(ns, request, auth);
        ServerSocket? former;
        var isFull = false;
        lock (_gate)
        {
            // The name is taken now, before anything asynchronous: two CONNECTs in one breath can't make two sockets.
            var isRepeated = wasAsking ? !StopAsking(ns.Name) : IsAsking(ns.Name);
            if (_closed || isRepeated)
                former = socket;
            else if ((former = _sockets.Find(ns.Name)) is null)
            {
                isFull = _sockets.Count > 0 && _weight + WeightOf(socket) > _server.Options.InboxLimit;
                if (!isFull)
                {
                    _sockets.Add(socket);
                    _weight += WeightOf(socket);
                }
            }
        }
        if (isFull)
        {
            _server.Namespaces.Leave(ns);
            Send(EncodeRefusal(ns.Name, "Too many namespaces", null));
            return;
        }
        if (former is null)
        {
            _ = ns.AdmitAsync(socket);
            return;
        }
        _server.Namespaces.Leave(ns);
        // While the first is pending, a second one is a page that called connect() twice.
        if (former.Connected)
            Violation($"a second CONNECT to the namespace {ns.Name}");
        else
            IgnoreRepeated(ns.Name);
    }

    private void IgnoreRepeated(string name)
    {
        _server.Meter.RepeatedConnect();
        _server.Log.RepeatedConnect(Engine.Handshake.Address, name);
    }

    private ServerSocket CreateSocket(SocketIONamespace ns, in ResumeRequest request, EventArgument auth)
    {
        if (_server.Recovery is not { } store || IsThree)
            return new ServerSocket(ns, this, CreateSession(ns), Engine.Handshake.WithAuth(auth), default, default);
        var session = store.Find(request, ns.Name, UserKey.Of(Engine.Handshake.KnownUser), out var expected);
        return new ServerSocket(ns, this, session ?? CreateSession(ns), Engine.Handshake.WithAuth(auth), request, expected);
    }

    private Session CreateSession(SocketIONamespace ns) => new(IsThree ? IdOfThree(ns.Name) : SessionId.Create(), ns.Name, _server.Parser, _server.Time, _server.Options.InboxLimit)
    {
        User = _server.Recovery is null ? null : UserKey.Of(Engine.Handshake.KnownUser),
        IsEphemeral = IsThree,
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
            _sockets.Replace(socket, fresh);
            socket.Namespace.Adapter.Refuse(socket.Binding);
        }
        socket.Cancel();
        return fresh;
    }

    /// <summary>The middlewares have let it in: it gets its session, and its client is told. When somebody else has that session, that one goes first.</summary>
    public async ValueTask<ClaimOutcome> AcceptAsync(ServerSocket socket)
    {
        var privateId = _server.Recovery is null || IsThree ? null : socket.Recovered ? socket.Binding.Request.PrivateId! : PrivateId.Create();
        // An older client gets its CONNECT back as it would have sent it, without a payload.
        var connect = IsThree ? _server.Parser.EncodeConnectRequest(socket.Namespace.Name, null) : _server.Parser.EncodeConnect(socket.Namespace.Name, socket.Id, privateId);
        var hash = privateId is null ? default : PrivateId.Hash(privateId);
        while (true)
        {
            SessionBinding? holder;
            ClaimOutcome outcome;
            if (socket.Namespace.Adapter.IsShared && !IsThree)
                (outcome, holder) = await ClaimInOrderAsync(socket, connect, hash);
            else
                outcome = TryClaim(socket, connect, hash, out holder);
            switch (outcome)
            {
                case ClaimOutcome.Again:
                    continue;
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
                    JoinedSomething();
                    socket.Namespace.Adapter.TellOfRooms();
                    _server.Report(socket);
                    socket.Session.Handlers.Run();
                    return outcome;
                default:
                    return outcome;
            }
        }
    }

    private async Task<(ClaimOutcome Outcome, SessionBinding? Holder)> ClaimInOrderAsync(ServerSocket socket, EncodedPacket connect, UInt128 privateId)
    {
        SessionBinding? holder = null;
        var outcome = await socket.Namespace.Adapter.ClaimAsync(socket.Binding, privateId, _gate, () => TryClaim(socket, connect, privateId, out holder));
        return (outcome, holder);
    }

    private ClaimOutcome TryClaim(ServerSocket socket, EncodedPacket connect, UInt128 privateId, out SessionBinding? holder)
    {
        lock (_gate)
        {
            holder = null;
            // It was closed meanwhile.
            if (_closed || !IsHeld(socket))
                return ClaimOutcome.Full;
            var outcome = socket.Namespace.Adapter.Claim(socket.Binding, connect, privateId, evenIfFull: IsJoiningMain(socket), out holder);
            if (outcome == ClaimOutcome.Claimed)
            {
                _isInMain |= IsJoiningMain(socket);
                socket.Opened();
            }
            return outcome;
        }
    }

    /// <summary>The host stops: all sockets end, without a word to the client.</summary>
    public void ShutDown() => CloseAll(DisconnectReason.ServerShuttingDown, null);

    public void Refuse(ServerSocket socket, string message, object? details)
    {
        if (Close(socket, DisconnectReason.ServerNamespaceDisconnect, null))
            Send(EncodeRefusalSafely(socket.Namespace.Name, message, details));
    }

    /// <summary>Details that can't be written are the application's fault; its client must hear that it is refused all the same.</summary>
    private EncodedPacket EncodeRefusalSafely(string ns, string message, object? details)
    {
        try
        {
            return EncodeRefusal(ns, message, details);
        }
        catch (Exception failure) when (details is not null)
        {
            _server.Log.HandlerFailed(failure, ns, "middleware");
            return EncodeRefusal(ns, message, null);
        }
    }

    /// <summary>The one end of a socket, whoever comes first. False: somebody else was.</summary>
    private bool Close(ServerSocket socket, DisconnectReason reason, string? description, EncodedPacket? farewell = null, bool isClosing = false, ProtocolException? fault = null)
    {
        List<Session> touched;
        lock (_gate)
        {
            if (!IsHeld(socket))
                return false;
            _sockets.Remove(socket);
            _weight -= WeightOf(socket);
            if (_last == socket)
                _last = null;
            socket.Closed(reason, description);
            touched = socket.Namespace.Adapter.Release(socket.Binding, reason, farewell, isClosing, () => socket.RunDisconnectHandlersAsync(reason, fault));
        }
        socket.Cancel();
        socket.Namespace.Adapter.Settle(touched);
        return true;
    }

    private static long WeightOf(ServerSocket socket) => SocketWeight + socket.Handshake.Auth.Weight;

    // Object identity, not the name: a newer socket of the same namespace is not ours to close.
    private bool IsHeld(ServerSocket socket) => ReferenceEquals(_sockets.Find(socket.Namespace.Name), socket);

    /// <summary>What the client has brought about itself. One that asks and asks and does not read its answers gets no heap of them.</summary>
    private void Send(EncodedPacket packet)
    {
        if (!Engine.TrySend(packet))
            Engine.Discard(CloseReason.TransportError, "the outbox is full");
    }
}
