namespace Holdfast.Recovery;

/// <summary>One session in one room: it is a member for every event after <see cref="Joined"/>.</summary>
internal sealed class Membership(Session session, long joined)
{
    public Session Session { get; } = session;

    /// <summary>The position at which it joined.</summary>
    public long Joined { get; } = joined;

    /// <summary>The index in the room's array of members.</summary>
    public int Place { get; set; }
}
