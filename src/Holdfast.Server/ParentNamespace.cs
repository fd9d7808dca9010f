using Holdfast.Adapters;
using Holdfast.Sockets;

namespace Holdfast;

/// <summary>
/// A family of namespaces, each made when a client first connects to it: see <c>SocketIOServer.Of(Regex)</c> and its kin. Middlewares and handlers are registered here once; a child has those that
/// were there when it was made. What is emitted to a parent reaches the sockets of all its children, and so it is with <c>To</c> and the other operators. All members are thread safe.
/// </summary>
public sealed partial class ParentNamespace : Broadcaster
{
    private readonly Func<string, EventArgument, Task<bool>>? _predicate;
    private readonly Dictionary<string, SocketIONamespace> _children = new(StringComparer.Ordinal);
    private SocketIONamespace[]? _reach = [];

    internal ParentNamespace(SocketIOServer server, Func<string, EventArgument, Task<bool>> predicate)
    {
        Server = server;
        Template = new SocketIONamespace(server, "");
        _predicate = predicate;
    }

    internal ParentNamespace(SocketIOServer server, NamePattern pattern)
    {
        Server = server;
        Template = new SocketIONamespace(server, "");
        Pattern = pattern;
    }

    /// <summary>The server that it belongs to.</summary>
    public SocketIOServer Server { get; }

    /// <summary>The namespaces that have been made for it and still exist, at this moment, in no particular order.</summary>
    public IReadOnlyCollection<SocketIONamespace> Children => Array.AsReadOnly(Reach);

    /// <summary>Null: a predicate decides.</summary>
    internal NamePattern? Pattern { get; }

    /// <summary>A namespace that nobody is in: each child begins with its middlewares and handlers.</summary>
    internal SocketIONamespace Template { get; }

    internal override SocketIOServer Owner => Server;

    // Gathered when it is asked for: making many children in a row costs each of them the same.
    internal override SocketIONamespace[] Reach
    {
        get
        {
            lock (_children)
                return _reach ??= [.. _children.Values];
        }
    }

    private protected override BroadcastTarget Target => BroadcastTarget.Everyone;

    internal Task<bool> AdmitsAsync(string name, EventArgument auth) => _predicate is null ? Task.FromResult(Pattern!.Matches(name)) : _predicate(name, auth);

    internal void Add(SocketIONamespace child)
    {
        lock (_children)
        {
            _children.Add(child.Name, child);
            _reach = null;
        }
    }

    internal void Remove(SocketIONamespace child)
    {
        lock (_children)
        {
            _children.Remove(child.Name);
            _reach = null;
        }
    }

    internal override Task<IReadOnlyList<RemoteSocket>> FetchAsync(BroadcastTarget target, CancellationToken cancellationToken) =>
        throw new NotSupportedException("FetchSocketsAsync is not supported on a parent namespace: another server may have other children. Fetch from each of its Children, or from a namespace by its name.");
}
