namespace Holdfast.Recovery;

/// <summary>What happens to sessions, told in the line of their handlers but for the first.</summary>
internal interface ISessionEvents
{
    /// <summary>Right after at least one session is over, outside of all locks, and before its last handlers run.</summary>
    void OnEnded();

    ValueTask OnParkedAsync(Session session, DisconnectReason reason);

    ValueTask OnExpiredAsync(Session session, SessionExpiryReason reason);
}
