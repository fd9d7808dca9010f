using Holdfast.Diagnostics;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

/// <summary>
/// The one road of everything that a namespace sends. An emit is encoded once, outside the lock; under the lock it takes its place in the order of the namespace and goes
/// into the outbox of every receiver, so all receivers see all events in one order, and whoever joins or leaves does so between two events and never in the middle of one.
/// With recovery the log stands under this road: an event is appended in the same step in which it is fanned out, and the lock is that of the log.
/// Nothing is sent under the lock: an outbox only takes a reference, its own transport writes later.
/// </summary>
/// <remarks>
/// Lock order: a connection's, then this one, then an engine session's. The parts: this file keeps rooms, .Claim gives a session to a socket, .Resume what it missed,
/// .Sessions parks and ends sessions, .Send sends, .Select finds the receivers, .Rooms shows and tells who is in which room.
/// </remarks>
internal sealed partial class Adapter(SocketIOServer server, string name, ISessionEvents events)
{
    private readonly SlowConsumerPolicy _slowConsumers = server.Options.SlowConsumerPolicy;
    private readonly SocketsMeter _meter = server.Meter;
    private readonly RecoveryStore? _recovery = server.Recovery;
    private readonly Lock _gate = server.Recovery?.Log.Gate ?? new Lock();
    private readonly Home _home = server.Recovery?.HomeOf(name) ?? new Home(name);

    private NamespaceLog _log => _home.Log;

    private RoomIndex _index => _home.Here;

    public int SessionCount
    {
        get
        {
            lock (_gate)
                return _index.Sessions.Count;
        }
    }

    public int RoomCount
    {
        get
        {
            lock (_gate)
                return _index.RoomCount;
        }
    }

    private long Head => _recovery?.Log.Head ?? 0;

    /// <summary>A socket joins; what a middleware asks for takes effect when its socket is accepted.</summary>
    public void Join(SessionBinding binding, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms)
            {
                if (binding.Stage == BindingStage.Accepted)
                    Join(binding.Session, room);
                else if (binding.Stage == BindingStage.Pending)
                    binding.JoinLater(room);
            }
        }
        TellOfRooms();
    }

    /// <inheritdoc cref="Join(SessionBinding, ReadOnlySpan{string})"/>
    public void Leave(SessionBinding binding, string room)
    {
        lock (_gate)
        {
            if (binding.Stage == BindingStage.Accepted)
                Leave(binding.Session, room);
            else if (binding.Stage == BindingStage.Pending)
                binding.LeaveLater(room);
        }
        TellOfRooms();
    }

    /// <summary>A session joins, whether it is connected or waits for its client.</summary>
    public void Join(Session session, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms)
                Join(session, room);
        }
        TellOfRooms();
    }

    /// <inheritdoc cref="Join(Session, ReadOnlySpan{string})"/>
    public void Leave(Session session, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms)
                Leave(session, room);
        }
        TellOfRooms();
    }

    public string[] Rooms(Session session)
    {
        lock (_gate)
            return RoomsOf(session);
    }

    /// <summary>The rooms as the socket sees them: those that its middlewares have joined count, and none when it is over.</summary>
    public string[] Rooms(SessionBinding binding)
    {
        lock (_gate)
        {
            if (binding.Stage is BindingStage.Over or BindingStage.Refused)
                return [];
            if (binding.PendingRooms.Count == 0)
                return RoomsOf(binding.Session);
            var rooms = new HashSet<string>(RoomsOf(binding.Session), StringComparer.Ordinal);
            foreach (var (room, join) in binding.PendingRooms)
            {
                if (join)
                    rooms.Add(room);
                else
                    rooms.Remove(room);
            }
            return [.. rooms];
        }
    }

    private void Join(Session session, string room)
    {
        if (session.Stage is SessionStage.Connecting or SessionStage.Ended || !_index.Join(session, room, Head))
            return;
        if (session.Lease is { } lease)
            lease.RoomsChanged = Head;
        if (_watch is { } watch)
            NoteJoined(watch, room, session);
    }

    private void Leave(Session session, string room)
    {
        if (_index.Leave(session, room) is not { } left)
            return;
        if (session.Lease is { } lease)
            lease.RoomsChanged = Head;
        if (_watch is { } watch)
            NoteLeft(watch, room, session);
        if (_recovery is not null)
            session.Remember(room, left, _recovery.Log.Head, _recovery.Log.Tail);
    }

    private static string[] RoomsOf(Session session) => session.Stage == SessionStage.Ended ? session.LastRooms : [session.Id, .. session.Memberships.Keys];
}
