using System.Runtime.InteropServices;

namespace Holdfast.Recovery;

/// <summary>
/// The entries of one namespace, by room: so a client that comes back costs what it missed, whatever else was sent meanwhile. Guarded by the log's lock.
/// </summary>
internal sealed class NamespaceLog
{
    /// <summary>Where what was missed is gathered: one that is not larger stays for the next who comes back.</summary>
    private const int MostKept = 16 * 1024;

    private readonly EntryList _everyone = new();
    private readonly Dictionary<string, EntryList> _rooms = new(StringComparer.Ordinal);
    private LogEntry[] _found = [];
    private int _foundCount;
    private int _sources;

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
        Gather(_everyone, Math.Max(after, session.Start), long.MaxValue);
        GatherRoom(session.Id, session.Start, long.MaxValue);
        foreach (var (room, membership) in session.Memberships)
            GatherRoom(room, membership.Joined, long.MaxValue);
        foreach (var past in session.PastMemberships)
        {
            if (past.Left > after)
                GatherRoom(past.Room, past.Joined, past.Left);
        }

        return TakeFound(session);

        void GatherRoom(string room, long joined, long left)
        {
            if (_rooms.TryGetValue(room, out var list))
                Gather(list, Math.Max(after, joined), left);
        }

        void Gather(EntryList list, long from, long upTo)
        {
            var first = list.FirstAfter(from);
            var count = (upTo == long.MaxValue ? list.Count : list.FirstAfter(upTo)) - first;
            if (count <= 0)
                return;
            if (_foundCount + count > _found.Length)
                Array.Resize(ref _found, Math.Max(_foundCount + count, _found.Length * 2));
            list.CopyTo(first, _found.AsSpan(_foundCount, count));
            _foundCount += count;
            _sources++;
        }
    }

    private List<LogEntry> TakeFound(Session session)
    {
        var found = _found.AsSpan(0, _foundCount);
        if (_sources > 1)
            found.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        var kept = 0;
        var last = 0L;
        foreach (var entry in found)
        {
            // An event to two of its rooms was found twice, and is one event.
            if (entry.Sequence != last && !session.IsLeftOut(entry))
                found[kept++] = entry;
            last = entry.Sequence;
        }
        var missed = new List<LogEntry>(kept);
        missed.AddRange(found[..kept]);
        found.Clear();
        if (_found.Length > MostKept)
            _found = [];
        (_foundCount, _sources) = (0, 0);
        return missed;
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
