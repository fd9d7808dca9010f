using System.Collections.Concurrent;
using Holdfast.Diagnostics;

namespace Holdfast.Sockets;

/// <summary>
/// All namespaces of a server by their names, and the parents that make new ones when a client asks for them. Looking one up takes no lock. A child that is cleaned up is removed only while
/// nobody is in it or on the way into it: whoever comes is counted before, under the lock that removes.
/// </summary>
internal sealed class NamespaceTable(SocketIOServer server)
{
    private readonly ConcurrentDictionary<string, SocketIONamespace> _all = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ParentNamespace[] _parents = [];
    private Action<SocketIONamespace>[] _watchers = [];
    private int _children;
    private bool _toldFull;

    public bool HasParents => _parents.Length > 0;

    public ICollection<SocketIONamespace> All => _all.Values;

    public SocketIONamespace? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>For the application: made if there is none.</summary>
    public SocketIONamespace Of(string name)
    {
        if (Find(name) is { } found)
            return found;
        var parent = Array.Find(_parents, candidate => candidate.Pattern?.Matches(name) == true);
        SocketIONamespace made;
        lock (_gate)
        {
            if (_all.TryGetValue(name, out var other))
                return other;
            made = Make(name, parent);
        }
        Announce(made);
        return made;
    }

    public ParentNamespace Add(ParentNamespace parent)
    {
        lock (_gate)
            _parents = [.. _parents, parent];
        return parent;
    }

    public void Watch(Action<SocketIONamespace> handler)
    {
        lock (_gate)
            _watchers = [.. _watchers, handler];
    }

    /// <summary>For a client: null if there is none. Unless it is null <see cref="Leave"/> follows, when it has been decided whether the client is in.</summary>
    public SocketIONamespace? Enter(string name)
    {
        if (Find(name) is not { } found)
            return null;
        if (!found.IsTransient)
            return found;
        lock (_gate)
        {
            if (found.IsRemoved)
                return null;
            found.Arrivals++;
            return found;
        }
    }

    /// <summary>The first parent that admits a client to a name; null: none does.</summary>
    public async ValueTask<ParentNamespace?> FindParentAsync(string name, EventArgument auth)
    {
        foreach (var parent in _parents)
        {
            try
            {
                if (await parent.AdmitsAsync(name, auth))
                    return parent;
            }
            catch (Exception failure)
            {
                server.Log.HandlerFailed(failure, name, "namespace predicate");
            }
        }
        return null;
    }

    /// <summary>As <see cref="Enter"/>, for a client that a parent has admitted: made if there is none. Null: there are too many.</summary>
    public SocketIONamespace? EnterChild(string name, ParentNamespace parent)
    {
        SocketIONamespace? found;
        var isNew = false;
        lock (_gate)
        {
            if (!_all.TryGetValue(name, out found))
            {
                if (_children >= server.Options.MaxChildNamespaces)
                {
                    if (!_toldFull)
                        server.Log.TooManyNamespaces(_children);
                    _toldFull = true;
                    return null;
                }
                found = Make(name, parent);
                isNew = true;
            }
            if (found.IsTransient)
                found.Arrivals++;
        }
        if (isNew)
            Announce(found);
        return found;
    }

    /// <summary>The client of <see cref="Enter"/> has got in, or not.</summary>
    public void Leave(SocketIONamespace ns)
    {
        if (!ns.IsTransient)
            return;
        lock (_gate)
        {
            ns.Arrivals--;
            RemoveIfEmpty(ns);
        }
    }

    /// <summary>A session of it is over.</summary>
    public void CleanUp(SocketIONamespace ns)
    {
        lock (_gate)
            RemoveIfEmpty(ns);
    }

    // Sessions that wait for their clients count: they keep their namespace, as one who is only away keeps his room.
    private void RemoveIfEmpty(SocketIONamespace ns)
    {
        if (ns.IsRemoved || ns.Arrivals > 0 || ns.Adapter.SessionCount > 0)
            return;
        ns.IsRemoved = true;
        _all.TryRemove(ns.Name, out _);
        ns.Parent!.Remove(ns);
        _children--;
    }

    private SocketIONamespace Make(string name, ParentNamespace? parent)
    {
        var made = new SocketIONamespace(server, name, parent);
        if (name != "/" && _watchers.Length > 0)
            made.Announcing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (parent is not null)
        {
            parent.Add(made);
            _children++;
        }
        _all[name] = made;
        return made;
    }

    private void Announce(SocketIONamespace made)
    {
        if (made.Announcing is not { } announcing)
            return;
        foreach (var handler in _watchers)
        {
            try
            {
                handler(made);
            }
            catch (Exception failure)
            {
                server.Log.HandlerFailed(failure, made.Name, "new namespace");
            }
        }
        made.Announcing = null;
        announcing.SetResult();
    }
}
