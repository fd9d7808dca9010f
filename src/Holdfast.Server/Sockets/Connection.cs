using Holdfast.Diagnostics;
using Holdfast.Engine;

namespace Holdfast.Sockets;

/// <summary>
/// One Engine.IO session and the sockets of the namespaces that its client has joined. It decodes what arrives and routes it: CONNECT to the namespace, events to the line of the
/// socket's handlers, acks past that line, DISCONNECT to the socket's end. What breaks the protocol ends the connection, as in the original.
/// <see cref="_gate"/> decides between the two ends of each socket's life: whether it was accepted, and who closes it.
/// </summary>
internal sealed partial class Connection : SessionHandler
{
    private readonly SocketIOServer _server;
    private readonly PacketDecoder _decoder;
    private readonly Lock _gate = new();
    private ConnectDeadline? _connectDeadline;
    private SocketTable _sockets;
    private ServerSocket? _last;
    private bool _closed;

    public Connection(SocketIOServer server, EngineSession engine)
    {
        _server = server;
        Engine = engine;
        _decoder = server.Parser.CreateDecoder(server.Options.MaxHttpBufferSize);
        _connectDeadline = new ConnectDeadline(this);
        server.ConnectDeadlines.Start(_connectDeadline);
    }

    public EngineSession Engine { get; }

    public override ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary)
    {
        // What is still on its way on a connection that is over says nothing.
        if (_closed)
            return default;
        Packet packet;
        try
        {
            if (!_decoder.TryRead(message, isBinary, out packet))
                return default;
        }
        catch (ProtocolException malformed)
        {
            Malformed(malformed);
            return default;
        }

        var name = packet.Namespace;
        if (IsThree)
        {
            name = NameOf(name, out var query);
            if (packet.Type == PacketType.Connect)
                return ConnectWithQuery(name, query, message.Length);
        }
        if (packet.Type == PacketType.Connect)
            return Connect(name, packet.Payload, message.Length);
        var socket = Find(name);
        switch (packet.Type)
        {
            case PacketType.Event when socket is not null:
                KnowsItsId(socket);
                return socket.Session.Handlers.PostAsync(socket, packet, message.Length);
            case PacketType.Ack when socket is not null:
                KnowsItsId(socket);
                socket.Session.Acks.TryComplete(packet.AckId, packet.Arguments);
                return default;
            case PacketType.Disconnect when socket is not null:
                Close(socket, DisconnectReason.ClientNamespaceDisconnect, null);
                return default;
            default:
                Violation($"a packet of type {packet.Type} for the namespace {name}, which is not joined");
                return default;
        }
    }

    public override void OnClosed(CloseReason reason, string? description)
    {
        JoinedSomething();
        CloseAll(_server.IsClosed && reason == CloseReason.ForcedClose ? DisconnectReason.ServerShuttingDown : reason.ToDisconnectReason(), description);
    }

    public override long OnPinging()
    {
        if (_server.Recovery is not { } store)
            return 0;
        foreach (var socket in Snapshot())
            socket.Namespace.Adapter.BeginPing(socket.Binding);
        return store.Position;
    }

    public override void OnPingSent(long mark, bool isLast)
    {
        if (_server.Recovery is null || !isLast)
            return;
        foreach (var socket in Snapshot())
            socket.Namespace.Adapter.MarkPing(socket.Binding, mark);
    }

    public override void OnPong()
    {
        if (_server.Recovery is null)
            return;
        foreach (var socket in Snapshot())
            socket.Namespace.Adapter.Confirm(socket.Binding);
    }

    /// <summary>The socket leaves on the server's wish: the client is told, after all that was emitted before.</summary>
    public void Disconnect(ServerSocket socket, bool isClosing = false)
    {
        Close(socket, DisconnectReason.ServerNamespaceDisconnect, null, _server.Parser.EncodeDisconnect(socket.Namespace.Name), isClosing);
    }

    public void DisconnectAll()
    {
        foreach (var socket in Snapshot())
            Disconnect(socket, isClosing: true);
        Engine.Close();
    }

    /// <summary>Ends all sockets at once without a word to the client, then the connection below, once it has sent what it holds.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="description">The same in more words, for the log.</param>
    /// <param name="fault">What the client sent that can't be decoded: its sockets hear of it before they are disconnected.</param>
    public void Close(DisconnectReason reason, string? description, ProtocolException? fault = null)
    {
        CloseAll(reason, description, fault);
        Engine.Close();
    }

    private void CloseAll(DisconnectReason reason, string? description, ProtocolException? fault = null)
    {
        lock (_gate)
            _closed = true;
        foreach (var socket in Snapshot())
            Close(socket, reason, description, fault: fault);
    }

    private ServerSocket[] Snapshot()
    {
        lock (_gate)
            return _sockets.ToArray();
    }

    // Nearly all packets of a connection go to one namespace: compare one name before looking it up.
    private ServerSocket? Find(string ns)
    {
        var last = _last;
        if (last is null || last.Namespace.Name != ns)
        {
            lock (_gate)
                last = _sockets.Find(ns);
            _last = last;
        }
        return last is { Connected: true } ? last : null;
    }

    private static void KnowsItsId(ServerSocket socket)
    {
        if (socket.Session.Alias is not null)
            socket.Namespace.Adapter.DropAlias(socket.Session);
    }

    /// <summary>Or is over: the deadline has no meaning any more.</summary>
    private void JoinedSomething()
    {
        if (Interlocked.Exchange(ref _connectDeadline, null) is { } deadline)
            _server.EngineServer.Clock.Cancel(deadline);
    }

    private void JoinedNothing()
    {
        lock (_gate)
        {
            // Those whose middlewares still run have not joined.
            foreach (var socket in _sockets.ToArray())
            {
                if (socket.Connected)
                    return;
            }
        }
        _server.Log.JoinedNothing(Engine.Handshake.Address);
        Close(DisconnectReason.ForcedServerClose, "no namespace was joined in time");
    }

    private sealed class ConnectDeadline(Connection connection) : Deadline
    {
        internal override void OnDue() => connection.JoinedNothing();
    }

    private void Malformed(ProtocolException malformed)
    {
        _server.Meter.Violation();
        _server.Log.MalformedPacket(Engine.Handshake.Address, malformed.Message);
        Close(DisconnectReason.ForcedClose, malformed.Message, malformed);
    }

    private void Violation(string what)
    {
        _server.Meter.Violation();
        _server.Log.ProtocolViolation(Engine.Handshake.Address, what);
        Close(DisconnectReason.ForcedServerClose, what);
    }
}
