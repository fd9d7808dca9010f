namespace Holdfast.Recovery;

/// <summary>One session in one room.</summary>
internal sealed class Membership(Session session)
{
    public Session Session { get; } = session;

    /// <summary>The index in the room's array of members.</summary>
    public int Place { get; set; }
}
