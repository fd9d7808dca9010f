namespace Holdfast.Load.Scenarios;

/// <summary>What was wrong with what the server said. Counted by all workers; the first case of each kind is kept in words.</summary>
internal sealed class Verdict
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (long Count, string First)> _faults = new(StringComparer.Ordinal);

    public bool Ok { get { lock (_lock) return _faults.Count == 0; } }

    public void Fault(string kind, string first, long count = 1)
    {
        lock (_lock)
        {
            _faults.TryGetValue(kind, out var before);
            _faults[kind] = (before.Count + count, before.First ?? first);
        }
    }

    public override string ToString()
    {
        lock (_lock)
            return _faults.Count == 0 ? "ok" : string.Join("; ", _faults.Select(fault => $"{fault.Value.Count} {fault.Key} (first: {fault.Value.First})"));
    }
}
