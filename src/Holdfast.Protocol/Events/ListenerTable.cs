namespace Holdfast.Protocol;

/// <summary>
/// The listeners of one socket in the order of their registration. A server has as many tables as sockets and most hold a handful, so it
/// is one flat array that is searched by name: smaller than any dictionary, and at these sizes as fast.
/// </summary>
/// <remarks>
/// Readers take no lock. Adding fills a free slot behind the last one, removing makes a new array; so the slots that a reader has
/// counted never change under it, and listeners added during an event are not called for that event.
/// </remarks>
internal sealed class ListenerTable
{
    private readonly object _gate = new();
    private Listener?[] _slots = [];
    private int _count;

    public Listener Add(string eventName, Delegate handler, HandlerShape shape, bool once)
    {
        var listener = new Listener(this, eventName, handler, shape, once);
        lock (_gate)
        {
            if (_count == _slots.Length)
            {
                var larger = new Listener?[Math.Max(4, _count * 2)];
                _slots.CopyTo(larger, 0);
                _slots = larger;
            }

            _slots[_count] = listener;
            Volatile.Write(ref _count, _count + 1);
        }

        return listener;
    }

    public void Remove(Listener listener) => Keep(other => other != listener);

    public void RemoveAll(string eventName) => Keep(listener => listener.EventName != eventName || !listener.End());

    public void RemoveAll() => Keep(listener => !listener.End());

    /// <summary>The listeners of one event, as they are now.</summary>
    public Matches Find(string eventName)
    {
        // The count first: a removal between the two reads then shortens the array, and the search ends at its first empty slot. The
        // other way round, the new and smaller count would hide the last listener of the old array.
        var count = Volatile.Read(ref _count);
        return new Matches(Volatile.Read(ref _slots), count, eventName);
    }

    private void Keep(Func<Listener, bool> keep)
    {
        lock (_gate)
        {
            var kept = new Listener?[_slots.Length];
            var count = 0;
            for (var i = 0; i < _count; i++)
            {
                if (keep(_slots[i]!))
                {
                    kept[count++] = _slots[i];
                }
            }

            Volatile.Write(ref _slots, kept);
            Volatile.Write(ref _count, count);
        }
    }

    /// <summary>A walk over the listeners of one event.</summary>
    public struct Matches(Listener?[] slots, int count, string eventName)
    {
        private int _next;

        /// <summary>The next listener, or null at the end.</summary>
        public Listener? Next()
        {
            while (_next < count && _next < slots.Length && slots[_next++] is { } listener)
            {
                if (listener.EventName == eventName)
                {
                    return listener;
                }
            }

            return null;
        }
    }
}
