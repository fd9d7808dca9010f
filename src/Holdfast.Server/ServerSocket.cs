using System.Security.Claims;
using Holdfast.Adapters;
using Holdfast.Recovery;
using Holdfast.Sockets;

namespace Holdfast;

/// <summary>
/// One client in one namespace, from its CONNECT to its disconnection. Its event handlers run in order and one at a time, also when they are asynchronous; emitting, joining and
/// leaving are thread safe and may be done from anywhere. Handlers registered in <c>OnConnection</c> miss no event: what arrives before that handler has finished waits for it.
/// </summary>
public sealed partial class ServerSocket : EventSocket
{
    private readonly Connection _connection;
    private SocketData? _ownData;

    internal ServerSocket(SocketIONamespace ns, Connection connection, Session session, Handshake handshake, ResumeRequest request, RecoveryResult expected)
    {
        Namespace = ns;
        _connection = connection;
        Binding = new SessionBinding(this, session, connection.Engine, request, expected);
        Handshake = handshake;
        // A session that exists already must not change before this socket is accepted.
        if (expected.Outcome != RecoveryOutcome.Fresh)
            _ownData = session.Data.Copy();
    }

    /// <summary>
    /// The id of this socket: random, 20 characters, the name of the room in which it is alone. It says nothing about the connection below. A client that gets its session back keeps it.
    /// A client of Engine.IO 3 computes it by itself, out of the id of its connection: see <see cref="EngineIOOptions.AllowEIO3"/>.
    /// </summary>
    public string Id => Session.Id;

    /// <summary>
    /// Whether the client has lost nothing: it is back with its id, rooms and data, and every event that it missed is on its way to it. The client sees the same in its own
    /// <c>recovered</c>. In a middleware: whether it would be so at this moment.
    /// </summary>
    public bool Recovered => Recovery.Outcome == RecoveryOutcome.Recovered;

    /// <summary>What became of a client that wanted its session back, and why. In a middleware: what would at this moment.</summary>
    public RecoveryResult Recovery => Binding.Result;

    /// <summary>The namespace that it is connected to.</summary>
    public SocketIONamespace Namespace { get; }

    /// <summary>The request that opened the connection, and the <c>auth</c> object of this namespace.</summary>
    public Handshake Handshake { get; }

    /// <summary>The user that ASP.NET Core authenticated when the connection was opened; not authenticated if there is none.</summary>
    public ClaimsPrincipal User => Handshake.User;

    /// <summary>Whether it is connected: false in middlewares, and from its disconnection on.</summary>
    public bool Connected { get; private set; }

    /// <summary>The rooms at this moment, its own id among them, in no particular order. In <c>OnDisconnecting</c> the last ones, after it none.</summary>
    public IReadOnlyCollection<string> Rooms => Namespace.Adapter.Rooms(Binding);

    /// <summary>
    /// Data that belongs to the client: serialised when it is set. In <c>OnDisconnect</c> it is a copy, so that clearing it there does not take it from a client that comes back.
    /// </summary>
    public SocketData Data => _ownData ?? Session.Data;

    /// <summary>Objects that the application keeps with the client, on this node and in memory only. Thread safe.</summary>
    public IDictionary<object, object?> Items => Session.Items;

    /// <summary>The name of the transport at this moment: <c>polling</c> or <c>websocket</c>.</summary>
    public string Transport => _connection.Engine.TransportName;

    /// <summary>Everyone in the namespace but this socket.</summary>
    public BroadcastOperator Broadcast => Others(BroadcastTarget.Everyone);

    /// <summary>Everyone on this node but this socket.</summary>
    public BroadcastOperator Local => Broadcast.Local;

    /// <summary>What is emitted may be lost: it is sent only if the connection is ready to write at this moment.</summary>
    public SocketOperator Volatile => new SocketOperator(this, BroadcastTarget.Everyone).Volatile;

    internal SessionBinding Binding { get; }

    internal Session Session => Binding.Session;

    internal Connection Client => _connection;

    /// <summary>The members of a room but this socket.</summary>
    public BroadcastOperator To(string room) => Broadcast.To(room);

    /// <summary>The members of these rooms but this socket, each once.</summary>
    public BroadcastOperator To(IEnumerable<string> rooms) => Broadcast.To(rooms);

    /// <summary>The same as <see cref="To(string)"/>.</summary>
    public BroadcastOperator In(string room) => To(room);

    /// <summary>The same as <see cref="To(IEnumerable{string})"/>.</summary>
    public BroadcastOperator In(IEnumerable<string> rooms) => To(rooms);

    /// <summary>Everyone in the namespace but this socket and the members of a room.</summary>
    public BroadcastOperator Except(string room) => Broadcast.Except(room);

    /// <summary>Everyone in the namespace but this socket and the members of these rooms.</summary>
    public BroadcastOperator Except(IEnumerable<string> rooms) => Broadcast.Except(rooms);

    /// <summary>How long <c>EmitWithAckAsync</c> waits for the answer; zero is valid. Without it: <see cref="SocketIOOptions.AckTimeout"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than 24 days.</exception>
    public SocketOperator Timeout(TimeSpan timeout) => new SocketOperator(this, BroadcastTarget.Everyone).Timeout(timeout);

    /// <summary>Whether the connection may compress what is emitted, if it compresses at all; true without it. False saves the work for what is compressed already.</summary>
    public SocketOperator Compress(bool compress) => new SocketOperator(this, BroadcastTarget.Everyone).Compress(compress);

    /// <summary>
    /// Joins a room; a no-op for a room that it is in, and after its disconnection. Completes when it has joined: every broadcast to the room that starts afterwards reaches it.
    /// In a middleware it takes effect when the connection is accepted.
    /// </summary>
    public Task JoinAsync(string room) => JoinAsync([room]);

    /// <summary>Joins several rooms in one step.</summary>
    public Task JoinAsync(IEnumerable<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        string[] names = [.. rooms];
        foreach (var name in names)
            ArgumentNullException.ThrowIfNull(name, nameof(rooms));
        return Namespace.Adapter.JoinAsync(Binding, names);
    }

    /// <summary>Leaves a room; a no-op for a room that it is not in.</summary>
    /// <exception cref="ArgumentException">The room is its own id: a socket is always in that one.</exception>
    public Task LeaveAsync(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        if (room == Id)
            throw new ArgumentException("A socket can't leave the room of its own id. To stop sending to it, use DisconnectAsync.", nameof(room));
        return Namespace.Adapter.LeaveAsync(Binding, room);
    }

    /// <summary>
    /// Completes when <see cref="Data"/>, as it is at this moment, is in the log of connection state recovery, so that it survives this process; at once when that log is in memory only, and after the
    /// disconnection. What a handler of an event has changed is there before its acknowledgement leaves, and goes there without being waited for when the handler ends, as does what the handlers of the
    /// connection and of its end have changed. This is for who wants to wait for it, and for changes elsewhere, which are written from time to time otherwise.
    /// </summary>
    /// <exception cref="RecoveryUnavailableException">The log can't take it now; it is tried again without being asked.</exception>
    public Task SaveAsync() => Namespace.Adapter.SaveAsync(Binding);

    /// <summary>
    /// Disconnects this socket with the reason <c>server namespace disconnect</c>, after what was emitted before. The official clients do not connect again on their own. It ends the
    /// session: nobody gets it back. On a socket that has lost its connection it ends the session as well, together with a newer socket that has it by now.
    /// </summary>
    /// <param name="close">Whether the connection below is closed too, with the sockets of all its namespaces, once everything before has been sent.</param>
    public Task DisconnectAsync(bool close = false)
    {
        // One that was not accepted, or not yet, has no say in what becomes of a session that exists already.
        if (Binding.Stage is BindingStage.Pending or BindingStage.Refused)
            Disconnect(close);
        else if (Namespace.Adapter.IsShared)
            return Namespace.Adapter.EndAsync(Binding, close);
        else
            Namespace.Disconnect(Session, close);
        return Task.CompletedTask;
    }

    internal void Disconnect(bool close)
    {
        if (close)
            _connection.DisconnectAll();
        else
            _connection.Disconnect(this);
    }

    internal BroadcastOperator Others(BroadcastTarget flags) => new(Namespace, flags.Without(Id));
}
