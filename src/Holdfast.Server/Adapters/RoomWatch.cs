namespace Holdfast.Adapters;

internal enum RoomChange
{
    Created,
    Joined,
    Left,
    Deleted,
}

/// <summary>
/// Tells the application how the rooms of a namespace change. A change is noted under the adapter's lock, in the step that makes it, and told outside of it by whoever made it; one thread tells at a
/// time and goes on with what others note meanwhile, itself included. So the order is that of the changes.
/// </summary>
internal sealed class RoomWatch(Action<Exception, string> failed)
{
    private readonly Queue<(RoomChange Change, string Room, string Id)> _changes = new();
    private readonly Action<string, string>[][] _handlers = [[], [], [], []];
    private bool _telling;

    /// <summary>Callers take turns.</summary>
    public void Add(RoomChange change, Action<string, string> handler) => _handlers[(int)change] = [.. _handlers[(int)change], handler];

    /// <summary>The same handlers for another namespace.</summary>
    public RoomWatch Copy(Action<Exception, string> failed)
    {
        var copy = new RoomWatch(failed);
        _handlers.CopyTo(copy._handlers, 0);
        return copy;
    }

    /// <summary>Under the adapter's lock.</summary>
    public void Note(RoomChange change, string room, string id)
    {
        if (_handlers[(int)change].Length > 0)
            _changes.Enqueue((change, room, id));
    }

    /// <summary>Outside of all locks.</summary>
    public void Tell(Lock gate)
    {
        lock (gate)
        {
            if (_telling || _changes.Count == 0)
                return;
            _telling = true;
        }
        while (true)
        {
            (RoomChange Change, string Room, string Id) next;
            lock (gate)
            {
                if (!_changes.TryDequeue(out next))
                {
                    _telling = false;
                    return;
                }
            }
            Tell(next.Change, next.Room, next.Id);
        }
    }

    private void Tell(RoomChange change, string room, string id)
    {
        foreach (var handler in _handlers[(int)change])
        {
            try
            {
                handler(room, id);
            }
            catch (Exception failure)
            {
                failed(failure, $"room events ({change})");
            }
        }
    }
}
