using Holdfast.Protocol;

namespace Holdfast.Recovery;

/// <summary>What happens to sessions, told in the line of their handlers but for the first.</summary>
internal interface ISessionEvents
{
    /// <summary>Right after at least one session is over, outside of all locks, and before its last handlers run.</summary>
    void OnEnded();

    /// <summary>Another node has emitted this to many. Under the lock; null, the usual case: no socket listens to what goes out.</summary>
    OutgoingEvent? Announce(EncodedPacket packet);

    /// <summary>Nobody gets the session any more.</summary>
    void Kick(Session session, bool close);

    /// <summary>Another node has the session now: the connection of the socket that had it goes.</summary>
    void GiveWay(SessionBinding holder);

    ValueTask OnParkedAsync(Session session, DisconnectReason reason);

    ValueTask OnExpiredAsync(Session session, SessionExpiryReason reason);
}
