namespace Holdfast.Recovery;

/// <summary>Entries in rising order: they come in at one end, leave at the other, and a position in between is found by halving.</summary>
/// <param name="room">Null: the list of what went to the whole namespace.</param>
internal sealed class EntryList(string? room = null)
{
    private const int Smallest = 2;

    /// <summary>This object, its smallest ring, and its place in the dictionary of rooms.</summary>
    private const int Overhead = 160;

    private LogEntry[] _ring = new LogEntry[Smallest];
    private int _head;

    public string? Room => room;

    /// <summary>For events to this room alone, which are most: they all share one array.</summary>
    public EntryList[] Alone => field ??= [this];

    /// <summary>The memory that it takes beside its entries, near enough.</summary>
    public int Size => Overhead + LogEntry.SizeOf(room ?? "");

    public int Count { get; private set; }

    public int Capacity => _ring.Length;

    public LogEntry this[int index] => _ring[(_head + index) & (_ring.Length - 1)];

    public void Add(LogEntry entry)
    {
        if (Count == _ring.Length)
            Resize(Count * 2);
        _ring[(_head + Count++) & (_ring.Length - 1)] = entry;
    }

    public void RemoveFirst()
    {
        _ring[_head] = null!;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        if (_ring.Length > Smallest && Count <= _ring.Length / 4)
            Resize(_ring.Length / 2);
    }

    /// <summary>The index of the first entry after <paramref name="sequence"/>; the count if there is none.</summary>
    public int FirstAfter(long sequence)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Sequence > sequence)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    /// <summary>Copies so many entries, the one at <paramref name="index"/> first, as there is place for.</summary>
    public void CopyTo(int index, Span<LogEntry> target)
    {
        var start = (_head + index) & (_ring.Length - 1);
        var first = Math.Min(target.Length, _ring.Length - start);
        _ring.AsSpan(start, first).CopyTo(target);
        _ring.AsSpan(0, target.Length - first).CopyTo(target[first..]);
    }

    private void Resize(int length)
    {
        var ring = new LogEntry[length];
        CopyTo(0, ring.AsSpan(0, Count));
        _ring = ring;
        _head = 0;
    }
}
