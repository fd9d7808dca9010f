using System.Runtime.InteropServices;

namespace Holdfast.Recovery.Files;

/// <summary>The nodes whose records have been read and whose end has not, and how far each has counted.</summary>
internal sealed class NodeTable
{
    private readonly Dictionary<ulong, Counted> _nodes = [];
    private int _gaps;

    public IEnumerable<ulong> All => _nodes.Keys;

    public bool Contains(ulong node) => _nodes.ContainsKey(node);

    public void Remove(ulong node) => _nodes.Remove(node);

    /// <summary>Something is missing: every node may go on with any number once.</summary>
    public void Forget() => _gaps++;

    /// <summary>
    /// A node has no hole in its numbers, because one that could not be written is given to the next. So a hole is a record that was there and is not any more, and whatever is torn without one was
    /// never said to be in the log.
    /// </summary>
    /// <param name="record">The next that was read.</param>
    /// <param name="former">Where the last one of that node ended.</param>
    public Sequel Count(in LogRecord record, out long former)
    {
        ref var counted = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, record.Node, out var isKnown);
        former = counted.Position;
        if (isKnown && record.Counter <= counted.Highest)
            return Sequel.Repeated;
        var sequel = isKnown && record.Counter > counted.Highest + 1 && counted.Gaps == _gaps ? Sequel.AfterHole : Sequel.Next;
        counted = new Counted(record.Counter, record.Position, _gaps);
        return sequel;
    }

    private readonly record struct Counted(long Highest, long Position, int Gaps);
}

/// <summary>What a record is to those of its node before it.</summary>
internal enum Sequel
{
    Next,
    Repeated,
    AfterHole,
}
