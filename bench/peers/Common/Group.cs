namespace Holdfast.Peers;

/// <summary>Everybody who gets a broadcast. The list that senders go through is made again only after somebody has come or gone.</summary>
internal sealed class Group<T>
{
    private readonly HashSet<T> _members = [];
    private T[]? _list;

    public T[] Members
    {
        get
        {
            if (Volatile.Read(ref _list) is { } list)
                return list;
            lock (_members)
                return _list ??= [.. _members];
        }
    }

    public void Add(T member)
    {
        lock (_members)
        {
            _members.Add(member);
            _list = null;
        }
    }

    public void Remove(T member)
    {
        lock (_members)
        {
            _members.Remove(member);
            _list = null;
        }
    }
}
