using System.Security.Claims;
using Holdfast.Adapters;
using Holdfast.Recovery;

namespace Holdfast;

/// <summary>
/// What one client is in one namespace, whether a connection serves it at this moment or not: with connection state recovery a session outlives its connections. All members are thread safe.
/// </summary>
public sealed class SocketSession
{
    private readonly Adapter _adapter;
    private readonly Session _session;

    internal SocketSession(Adapter adapter, Session session)
    {
        _adapter = adapter;
        _session = session;
    }

    /// <summary>The id, which is that of its sockets, one after the other: see <see cref="ServerSocket.Id"/>.</summary>
    public string Id => _session.Id;

    /// <summary>The name of its namespace.</summary>
    public string Namespace => _session.Namespace;

    /// <summary>The rooms at this moment, its own id among them, in no particular order; when it is over, those at its end.</summary>
    public IReadOnlyCollection<string> Rooms => _adapter.Rooms(_session);

    /// <summary>Its data.</summary>
    public SocketData Data => _session.Data;

    /// <summary>Objects that the application keeps with it, on this node and in memory only.</summary>
    public IDictionary<object, object?> Items => _session.Items;

    /// <summary>The user of its last connection.</summary>
    public ClaimsPrincipal User => _session.Principal ?? new ClaimsPrincipal(new ClaimsIdentity());

    /// <summary>Whether it has lost its connection and waits for its client.</summary>
    public bool IsParked => _session.Stage == SessionStage.Parked;
}
