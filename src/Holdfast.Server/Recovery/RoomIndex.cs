using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Holdfast.Recovery;

/// <summary>
/// Who is in which room of one namespace. A room is an array without holes, a membership knows its place in it: joining, leaving and walking a room are plain
/// array work, and walking allocates nothing. The room of a session's own id is not stored: every session is in it, always.
/// Not thread safe: the adapter's lock guards it.
/// </summary>
internal sealed class RoomIndex
{
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    public Dictionary<string, Session>.ValueCollection Sessions => _sessions.Values;

    public int RoomCount => _rooms.Count;

    public IEnumerable<string> RoomNames => _rooms.Keys;

    public bool Contains(Session session) => _sessions.TryGetValue(session.Id, out var held) && ReferenceEquals(held, session);

    public void Add(Session session) => _sessions.Add(session.Id, session);

    public bool TryGetSession(string id, [NotNullWhen(true)] out Session? session) => _sessions.TryGetValue(id, out session);

    public ReadOnlySpan<Membership> Members(string room) => _rooms.TryGetValue(room, out var found) ? found.Members : [];

    /// <summary>A member for every event after the position <paramref name="joined"/>. Returns false when the session was a member already, or when the room is its own.</summary>
    public bool Join(Session session, string room, long joined)
    {
        if (room == session.Id)
            return false;
        ref var membership = ref CollectionsMarshal.GetValueRefOrAddDefault(session.Memberships, room, out var present);
        if (present)
            return false;
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, room, out _);
        entry ??= new Room();
        membership = new Membership(session, joined);
        entry.Add(membership);
        return true;
    }

    /// <summary>What it was; null when it was no member.</summary>
    public Membership? Leave(Session session, string room)
    {
        if (session.Memberships.Remove(room, out var membership))
            RemoveFrom(room, membership);
        return membership;
    }

    /// <summary>Takes the session out of everything. Compares the object, not the id: a newer session of the same id stays.</summary>
    public bool Remove(Session session)
    {
        if (!Contains(session))
            return false;
        _sessions.Remove(session.Id);
        foreach (var (name, membership) in session.Memberships)
            RemoveFrom(name, membership);
        session.Memberships.Clear();
        return true;
    }

    /// <summary>The sessions that are meant, each once.</summary>
    public IReadOnlyCollection<Session> Matching(SessionTarget target)
    {
        var matched = new HashSet<Session>(target.Rooms.Length == 0 ? _sessions.Values : target.Rooms.SelectMany(Of));
        matched.ExceptWith(target.Except.SelectMany(Of));
        return matched;
    }

    private IEnumerable<Session> Of(string room)
    {
        var members = Members(room).ToArray().Select(member => member.Session);
        return _sessions.TryGetValue(room, out var own) ? members.Append(own) : members;
    }

    private void RemoveFrom(string room, Membership membership)
    {
        var held = _rooms[room];
        held.Remove(membership);
        if (held.Count == 0)
            _rooms.Remove(room);
    }
}

/// <summary>The members of one room, in an array without holes.</summary>
internal sealed class Room
{
    private Membership[] _members = new Membership[4];

    public int Count { get; private set; }

    public ReadOnlySpan<Membership> Members => _members.AsSpan(0, Count);

    public void Add(Membership membership)
    {
        if (Count == _members.Length)
            Array.Resize(ref _members, Count * 2);
        membership.Place = Count;
        _members[Count++] = membership;
    }

    public void Remove(Membership membership)
    {
        // The last one moves into the hole; the order of members carries no meaning.
        var last = _members[--Count];
        _members[membership.Place] = last;
        last.Place = membership.Place;
        _members[Count] = null!;
        if (_members.Length > 16 && Count < _members.Length / 4)
            Array.Resize(ref _members, _members.Length / 2);
    }
}
