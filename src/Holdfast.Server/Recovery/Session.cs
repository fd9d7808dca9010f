using System.Collections.Concurrent;
using Holdfast.Engine;
using Holdfast.Protocol;

namespace Holdfast.Recovery;

internal enum SessionStage
{
    /// <summary>Its middlewares run; the CONNECT answer is still to come.</summary>
    Connecting,
    Live,
    Ended,
}

/// <summary>
/// What one client is in one namespace: its id, rooms, data, pending acks and the line of its handlers. The connection that serves it is a property, not its owner.
/// The adapter's lock guards <see cref="Stage"/>, <see cref="Memberships"/>, <see cref="Outlet"/>, <see cref="Connecting"/> and <see cref="Visited"/>.
/// </summary>
internal sealed class Session(string id, PacketParser parser, TimeProvider time, int inboxLimit)
{
    public string Id { get; } = id;

    public SessionStage Stage { get; set; }

    /// <summary>The rooms that it has joined; the room of its own id is not among them.</summary>
    public Dictionary<string, Membership> Memberships { get; } = new(StringComparer.Ordinal);

    /// <summary>What is asked of it before it is live; null from then on.</summary>
    public PendingConnect? Connecting { get; set; } = new();

    /// <summary>The rooms at its end, which the handlers of <c>disconnecting</c> still see.</summary>
    public string[] LastRooms { get; set; } = [];

    /// <summary>Where its packets go; null while no connection serves it.</summary>
    public EngineSession? Outlet { get; set; }

    /// <summary>The number of the last broadcast that has come by: so that one that goes to several rooms reaches it once, and one that leaves it out not at all.</summary>
    public long Visited { get; set; }

    public PendingAcks Acks { get; } = new(time);

    public HandlerQueue Handlers { get; } = new(inboxLimit);

    public SocketData Data { get; } = new(parser);

    public ConcurrentDictionary<object, object?> Items { get; } = new();
}
