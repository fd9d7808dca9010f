using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Recovery;

/// <summary>
/// What a node knows of one namespace: the window of its events, the sessions that are here, and those that other nodes have, or had when they ended. Guarded by the log's lock.
/// </summary>
internal sealed class Home(string name)
{
    public string Name => name;

    public NamespaceLog Log { get; } = new();

    /// <summary>Connected to this node, or waiting here for their clients.</summary>
    public RoomIndex Here { get; } = new();

    /// <summary>Known from the log alone.</summary>
    public RoomIndex Away { get; } = new();

    /// <summary>What brings the log to the clients of this node; null: none has come yet.</summary>
    public IHomeSink? Sink { get; set; }

    public bool TryFind(string id, [NotNullWhen(true)] out Session? session) => Here.TryGetSession(id, out session) || Away.TryGetSession(id, out session);
}

/// <summary>Does to the sessions of this node what another node has appended. All of it under the log's lock.</summary>
internal interface IHomeSink
{
    void Take(EventRecord record);

    void Take(RoomsRecord record);

    void Take(KickRecord record);

    /// <summary>A session that is here has been given to another node, or is over: its connection gets nothing more.</summary>
    void Detach(Session session);

    /// <summary>This node has ended a session that is not here.</summary>
    void OnExpired(Session session, SessionExpiryReason reason);

    /// <summary>This node has ended a session that is here. Its connection goes, in a way that its client comes back from, to another session.</summary>
    void Lose(Session session);

    /// <summary>No session that is here gets anything more on its present connection.</summary>
    void GiveUp(string why);
}
