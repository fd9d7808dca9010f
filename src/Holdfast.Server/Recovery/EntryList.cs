namespace Holdfast.Recovery;

/// <summary>Entries in rising order: they come in at one end, leave at the other, and a position in between is found by halving.</summary>
internal sealed class EntryList
{
    private LogEntry[] _ring = new LogEntry[2];
    private int _head;

    public int Count { get; private set; }

    public LogEntry this[int index] => _ring[(_head + index) & (_ring.Length - 1)];

    public void Add(LogEntry entry)
    {
        if (Count == _ring.Length)
        {
            var larger = new LogEntry[Count * 2];
            for (var i = 0; i < Count; i++)
                larger[i] = this[i];
            _ring = larger;
            _head = 0;
        }
        _ring[(_head + Count++) & (_ring.Length - 1)] = entry;
    }

    public void RemoveFirst()
    {
        _ring[_head] = null!;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
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
}
