namespace Holdfast.Sockets;

/// <summary>The sockets of one connection, by the names of their namespaces. Nearly always there is one, which then costs nothing more. Guarded by the connection's gate.</summary>
internal struct SocketTable
{
    private ServerSocket? _only;
    private Dictionary<string, ServerSocket>? _several;

    public readonly int Count => _several?.Count ?? (_only is null ? 0 : 1);

    public readonly ServerSocket? Find(string ns) => _several is not null ? _several.GetValueOrDefault(ns) : _only?.Namespace.Name == ns ? _only : null;

    public void Add(ServerSocket socket)
    {
        if (Count == 0)
        {
            _only = socket;
            return;
        }
        if (_several is null)
        {
            _several = new(StringComparer.Ordinal) { [_only!.Namespace.Name] = _only };
            _only = null;
        }
        _several.Add(socket.Namespace.Name, socket);
    }

    /// <summary>The same name, another socket.</summary>
    public void Replace(ServerSocket socket, ServerSocket other)
    {
        Remove(socket);
        Add(other);
    }

    public void Remove(ServerSocket socket)
    {
        if (_several is null)
            _only = null;
        else if (_several.Remove(socket.Namespace.Name) && _several.Count == 0)
            _several = null;
    }

    public readonly ServerSocket[] ToArray() => _several is not null ? [.. _several.Values] : _only is not null ? [_only] : [];
}
