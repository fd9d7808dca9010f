using System.Runtime.InteropServices;

namespace Holdfast.Recovery;

/// <summary>
/// The entries of one namespace, by room: so a client that comes back costs what it missed, whatever else was sent meanwhile. Guarded by the log's lock.
/// </summary>
internal sealed class NamespaceLog
{
    private readonly EntryList _everyone = new();
    private readonly Dictionary<string, EntryList> _rooms = new(StringComparer.Ordinal);

    /// <summary>The lists that an event to these rooms belongs in (none: the whole namespace), and the bytes of those that are new.</summary>
    public EntryList[] ListsOf(string[] rooms, out int bytes)
    {
        bytes = 0;
        if (rooms.Length == 0)
            return _everyone.Alone;
        if (rooms.Length == 1)
            return ListOf(rooms[0], ref bytes).Alone;
        var lists = new EntryList[rooms.Length];
        for (var i = 0; i < rooms.Length; i++)
            lists[i] = ListOf(rooms[i], ref bytes);
        return lists;
    }

    /// <summary>The oldest entry of the log goes; so it is the oldest in each list that it is in. Returns the bytes of the lists that go with it.</summary>
    public int RemoveOldest(LogEntry entry)
    {
        var bytes = 0;
        foreach (var list in entry.Lists)
        {
            list.RemoveFirst();
            if (list.Count == 0 && list.Room is not null)
            {
                _rooms.Remove(list.Room);
                bytes += list.Size;
            }
        }
        return bytes;
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

    private EntryList ListOf(string room, ref int bytes)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, room, out var present);
        if (!present)
        {
            list = new EntryList(room);
            bytes += list.Size;
        }
        return list!;
    }
}
