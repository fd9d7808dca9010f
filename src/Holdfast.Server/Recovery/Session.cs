using System.Collections.Concurrent;
using System.Security.Claims;
using Holdfast.Engine;
using Holdfast.Protocol;

namespace Holdfast.Recovery;

internal enum SessionStage
{
    /// <summary>Its middlewares run; the CONNECT answer is still to come.</summary>
    Connecting,

    /// <summary>A connection serves it.</summary>
    Live,

    /// <summary>A connection serves it, and is still being given what it missed: new events reach it through the log.</summary>
    Resuming,

    /// <summary>It has lost its connection, and waits.</summary>
    Parked,

    /// <summary>Another node has it, or had it when that one ended.</summary>
    Away,

    /// <summary>It is over.</summary>
    Ended,
}

/// <summary>
/// What one client is in one namespace: its id, rooms, data, pending acks and the line of its handlers. The connection that serves it is a property, not its owner.
/// The adapter's lock guards its members, but for those that say otherwise.
/// </summary>
internal sealed partial class Session(string id, string ns, PacketParser parser, TimeProvider time, int inboxLimit)
{
    private PendingAcks? _acks;
    private SocketData? _data;
    private ConcurrentDictionary<object, object?>? _items;

    public string Id { get; } = id;

    public string Namespace { get; } = ns;

    /// <summary>It ends with its connection whatever the reason, and its client is told no positions: one of Engine.IO 3, which would take them for arguments.</summary>
    public bool IsEphemeral { get; init; }

    public SessionStage Stage { get; set; }

    /// <summary>The rooms that it has joined; the room of its own id is not among them.</summary>
    public Dictionary<string, Membership> Memberships => field ??= new(StringComparer.Ordinal);

    /// <summary>The room of its own id, as what is emitted to it alone is addressed.</summary>
    public string[] OwnRoom => field ??= [Id];

    /// <summary>The rooms at its end, which the handlers of <c>disconnecting</c> still see.</summary>
    public string[] LastRooms { get; set; } = [];

    /// <summary>The socket that serves it. Whoever writes, closes or parks for the session shows that it is this one: that is the fence.</summary>
    public SessionBinding? Holder { get; set; }

    /// <summary>Where its packets go; null while no connection serves it, or none that can still be written to.</summary>
    public EngineSession? Outlet { get; set; }

    /// <summary>What it missed and is still to be given; null unless it is resuming.</summary>
    public Replay? Replay { get; set; }

    /// <summary>Emits to it alone that wait for room in its outbox.</summary>
    public Queue<WaitingEmit>? Line { get; set; }

    /// <summary>The number of the last broadcast that has come by: so that one that goes to several rooms reaches it once, and one that leaves it out not at all.</summary>
    public long Visited { get; set; }

    /// <summary>Why it lost its last connection.</summary>
    public DisconnectReason LastDisconnect { get; set; }

    /// <summary>
    /// The last ack id of the server when it lost its connection. Up to there a question without a time limit fails; one with a limit keeps waiting, and may be answered on the next connection.
    /// </summary>
    public long AsksBeforeCut { get; set; }

    /// <summary>The user of its last connection; null: nobody in particular. Written when a socket is accepted, read at any time.</summary>
    public ClaimsPrincipal? Principal { get; set; }

    /// <summary>Thread safe by itself. Made with the first question, because most sockets never ask.</summary>
    public PendingAcks Acks => _acks ?? Interlocked.CompareExchange(ref _acks, new(time), null) ?? _acks;

    /// <summary>Thread safe by itself.</summary>
    public HandlerQueue Handlers { get; } = new(inboxLimit);

    /// <summary>Thread safe by itself.</summary>
    public SocketData Data => _data ?? Interlocked.CompareExchange(ref _data, new(parser), null) ?? _data;

    /// <summary>Thread safe by itself. Made when the application first asks for it.</summary>
    public ConcurrentDictionary<object, object?> Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;
}
