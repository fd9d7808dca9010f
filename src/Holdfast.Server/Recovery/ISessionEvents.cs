namespace Holdfast.Recovery;

/// <summary>What happens to sessions, told in the line of their handlers.</summary>
internal interface ISessionEvents
{
    ValueTask OnParkedAsync(Session session, DisconnectReason reason);

    ValueTask OnExpiredAsync(Session session, SessionExpiryReason reason);
}
