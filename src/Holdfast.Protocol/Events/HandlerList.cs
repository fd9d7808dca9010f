namespace Holdfast.Protocol;

/// <summary>Handlers that are called for everything, in the order of the list. Readers take no lock: each change makes a new array.</summary>
/// <param name="changed">Called after each change, outside of the list's lock.</param>
internal sealed class HandlerList<T>(Action? changed = null)
    where T : Delegate
{
    private readonly object _gate = new();
    private Entry[] _entries = [];

    /// <summary>The handlers as they are now. One that ends while they are called says so by <see cref="Entry.IsEnded"/>.</summary>
    public Entry[] Entries => Volatile.Read(ref _entries);

    public bool IsEmpty => Entries.Length == 0;

    /// <summary>Adds a handler behind all others.</summary>
    public Entry Append(T handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var entry = new Entry(this, handler);
        Change(entries => [.. entries, entry]);
        return entry;
    }

    /// <summary>Adds a handler before all others.</summary>
    public Entry Prepend(T handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var entry = new Entry(this, handler);
        Change(entries => [entry, .. entries]);
        return entry;
    }

    public void Clear() => Change(entries =>
    {
        foreach (var entry in entries)
        {
            entry.IsEnded = true;
        }

        return [];
    });

    private void Change(Func<Entry[], Entry[]> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _entries, change(_entries));
        }

        changed?.Invoke();
    }

    /// <summary>One registration. Disposing of it ends it: the handler isn't called any more.</summary>
    internal sealed class Entry(HandlerList<T> list, T handler) : IDisposable
    {
        private volatile bool _isEnded;

        public T Handler => handler;

        public bool IsEnded
        {
            get => _isEnded;
            set => _isEnded = value;
        }

        public void Dispose()
        {
            IsEnded = true;
            list.Change(entries => Array.FindAll(entries, entry => entry != this));
        }
    }
}
