using System.Runtime.InteropServices;

namespace Holdfast.Recovery;

/// <summary>
/// The entries of one namespace, by room: so a client that comes back costs what it missed, whatever else was sent meanwhile. Guarded by the log's lock.
/// </summary>
internal sealed class NamespaceLog
{
    private readonly EntryList _everyone = new();
    private readonly Dictionary<string, EntryList> _rooms = new(StringComparer.Ordinal);

    public void Add(LogEntry entry)
    {
        if (entry.Rooms.Length == 0)
            _everyone.Add(entry);
        foreach (var room in entry.Rooms)
        {
            ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, room, out _);
            (list ??= new EntryList()).Add(entry);
        }
    }

    /// <summary>The oldest entry of the log goes; so it is the oldest in each list that it is in.</summary>
    public void RemoveOldest(LogEntry entry)
    {
        if (entry.Rooms.Length == 0)
            _everyone.RemoveFirst();
        foreach (var room in entry.Rooms)
        {
            var list = _rooms[room];
            list.RemoveFirst();
            if (list.Count == 0)
                _rooms.Remove(room);
        }
    }

    /// <summary>What was for this session after a position, in order: everything to the whole namespace, to its own id, and to the rooms that it was in at that moment.</summary>
    public List<LogEntry> Missed(Session session, long after)
    {
        var missed = new List<LogEntry>();
        var sources = 0;
        Gather(_everyone, Math.Max(after, session.Start), long.MaxValue);
        GatherRoom(session.Id, session.Start, long.MaxValue);
        foreach (var (room, membership) in session.Memberships)
            GatherRoom(room, membership.Joined, long.MaxValue);
        foreach (var past in session.PastMemberships)
        {
            if (past.Left > after)
                GatherRoom(past.Room, past.Joined, past.Left);
        }

        if (sources > 1)
        {
            missed.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
            // An event to two of its rooms was found twice, and is one event.
            var last = 0L;
            missed.RemoveAll(entry =>
            {
                var again = entry.Sequence == last;
                last = entry.Sequence;
                return again;
            });
        }
        missed.RemoveAll(entry => session.IsLeftOut(entry));
        return missed;

        void GatherRoom(string room, long joined, long left)
        {
            if (_rooms.TryGetValue(room, out var list))
                Gather(list, Math.Max(after, joined), left);
        }

        void Gather(EntryList list, long from, long upTo)
        {
            var first = list.FirstAfter(from);
            var before = missed.Count;
            for (var i = first; i < list.Count && list[i].Sequence <= upTo; i++)
                missed.Add(list[i]);
            if (missed.Count > before)
                sources++;
        }
    }
}
