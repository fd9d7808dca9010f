using Holdfast.Engine;

namespace Holdfast.Recovery;

internal enum BindingStage
{
    /// <summary>The socket's middlewares run: what it asks of the session is noted here.</summary>
    Pending,

    /// <summary>The client has been told that it is connected: what the socket does, it does to the session; and so on until its <c>disconnecting</c> handlers have run.</summary>
    Accepted,

    /// <summary>The socket is over. The session may live on, and what is emitted to the socket still reaches it.</summary>
    Over,

    /// <summary>The socket was never accepted, and has nothing to do with the session.</summary>
    Refused,
}

/// <summary>
/// One socket's hold on a session. What middlewares ask for becomes true with the CONNECT answer, right behind it, and never if they refuse: so somebody who is refused leaves no trace in a
/// session that exists already. Guarded by the adapter's lock.
/// </summary>
internal sealed class SessionBinding(EventSocket socket, Session session, EngineSession outlet, ResumeRequest request, RecoveryResult result)
{
    private List<(string Name, bool Join)>? _rooms;
    private List<EncodedPacket>? _emits;

    public EventSocket Socket => socket;

    public Session Session => session;

    /// <summary>The connection of this socket.</summary>
    public EngineSession Outlet => outlet;

    public ResumeRequest Request => request;

    /// <summary>What becomes of the client; until it is accepted, what would become of it at this moment.</summary>
    public RecoveryResult Result { get; set; } = result;

    public BindingStage Stage { get; set; }

    /// <summary>Joins and leaves in their order.</summary>
    public IReadOnlyList<(string Name, bool Join)> PendingRooms => _rooms ?? (IReadOnlyList<(string, bool)>)[];

    public IReadOnlyList<EncodedPacket> PendingEmits => _emits ?? (IReadOnlyList<EncodedPacket>)[];

    public void JoinLater(string room) => (_rooms ??= []).Add((room, true));

    public void LeaveLater(string room) => (_rooms ??= []).Add((room, false));

    public void EmitLater(EncodedPacket packet) => (_emits ??= []).Add(packet);

    public void ForgetPending() => (_rooms, _emits) = (null, null);
}
