using System.Text.RegularExpressions;

namespace Holdfast;

public sealed partial class SocketIOServer
{
    /// <summary>
    /// The namespace of that name, made now if there is none. A leading slash is added if it is missing. A name that matches the pattern of a <see cref="ParentNamespace"/> becomes its child.
    /// Clients can join only namespaces that exist, or that a parent lets them make.
    /// </summary>
    public SocketIONamespace Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Namespaces.Of(name.StartsWith('/') ? name : "/" + name);
    }

    /// <summary>
    /// A family of namespaces: all whose names match a pattern. The first client that connects to such a name makes the namespace. Parents are asked in the order of their registration, after
    /// the namespaces that exist.
    /// </summary>
    /// <param name="pattern">
    /// Is asked about names that come from the network, up to 1024 bytes long; write it with <c>^</c> and <c>$</c>. It runs without backtracking, so that no name makes it slow; a pattern that
    /// can't (one with lookarounds or backreferences) gets 50 milliseconds for a name unless it has a limit of its own, and a name that takes longer does not match.
    /// </param>
    public ParentNamespace Of(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Namespaces.Add(new ParentNamespace(this, new Sockets.NamePattern(pattern, Log)));
    }

    /// <summary>A family of namespaces: all that a predicate admits. The first client that connects to such a name makes the namespace.</summary>
    /// <param name="predicate">
    /// Gets the name and the client's <c>auth</c>, and says whether this client may have this name. It is asked for names that don't exist yet, in the order of registration; whoever connects to one
    /// that exists meets only the middlewares. When it throws, this is logged, and the client is told that there is no such namespace. Other packets of the client go on being handled meanwhile.
    /// </param>
    public ParentNamespace Of(Func<string, EventArgument, Task<bool>> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Namespaces.Add(new ParentNamespace(this, predicate));
    }

    /// <inheritdoc cref="Of(Func{string, EventArgument, Task{bool}})"/>
    public ParentNamespace Of(Func<string, EventArgument, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Of((name, auth) => Task.FromResult(predicate(name, auth)));
    }

    /// <summary>
    /// Adds a handler for namespaces that are made from now on, by <c>Of</c> or by a client that connects to a new child of a parent. No client is let in before it has returned, so it may
    /// register middlewares and handlers.
    /// </summary>
    public SocketIOServer OnNewNamespace(Action<SocketIONamespace> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Namespaces.Watch(handler);
        return this;
    }
}
