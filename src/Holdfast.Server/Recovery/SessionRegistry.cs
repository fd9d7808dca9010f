using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>
/// All sessions by their private ids, and those that wait for their clients, the longest first. Guarded by the log's lock. A session that has waited too long is taken from those
/// that wait first and ended afterwards, outside of the lock; a client that comes back in between still gets it.
/// </summary>
internal sealed class SessionRegistry(ConnectionStateRecoveryOptions options, EngineClock clock, Lock gate, Action<Session, SessionExpiryReason> expired)
{
    private readonly Dictionary<UInt128, Session> _byPrivateId = [];
    private readonly LinkedList<Session> _waiting = new();
    private readonly Dictionary<string, LinkedList<Session>> _waitingByUser = new(StringComparer.Ordinal);
    private readonly DeadlineLane _expiries = clock.CreateLane(options.MaxDisconnectionDuration);

    public int ParkedCount => _waiting.Count;

    public long ParkedBytes { get; private set; }

    public Session[] All() => [.. _byPrivateId.Values];

    public Session? Find(UInt128 privateId) => _byPrivateId.GetValueOrDefault(privateId);

    public void Name(Session session, UInt128 privateId)
    {
        session.PrivateId = privateId;
        _byPrivateId[privateId] = session;
    }

    /// <summary>Another node says that it is known by a former id as well.</summary>
    public void NameAlias(Session session, UInt128 alias, RecoveryReason reason)
    {
        session.Alias = alias;
        session.AliasReason = reason;
        _byPrivateId[alias] = session;
    }

    /// <summary>The former id stays as an alias until the client has shown that it knows the new one.</summary>
    /// <param name="session">The session.</param>
    /// <param name="presented">The id with which its client came.</param>
    /// <param name="privateId">The new one.</param>
    /// <param name="reason">What was lost.</param>
    public void Rename(Session session, UInt128 presented, UInt128 privateId, RecoveryReason reason)
    {
        if (session.Alias == presented)
        {
            // It never heard of the id in between.
            _byPrivateId.Remove(session.PrivateId);
        }
        else
        {
            DropAlias(session);
            session.Alias = presented;
        }
        session.AliasReason = reason;
        Name(session, privateId);
    }

    public void DropAlias(Session session)
    {
        if (session.Alias is { } alias)
            _byPrivateId.Remove(alias);
        session.Alias = null;
    }

    public void Forget(Session session)
    {
        Unpark(session);
        DropAlias(session);
        _byPrivateId.Remove(session.PrivateId);
    }

    /// <summary>Puts a session among those that wait, and takes out those that have to go for it, which <see cref="Expire"/> has to be told.</summary>
    public void Park(Session session, List<Session> evicted)
    {
        session.WaitingBytes = session.EstimateBytes();
        ParkedBytes += session.WaitingBytes;
        session.Waiting = _waiting.AddLast(session);
        session.Expiry = new WaitingTime(this, session);
        _expiries.Start(session.Expiry);
        if (session.User is { } user)
        {
            if (!_waitingByUser.TryGetValue(user, out var own))
                _waitingByUser.Add(user, own = new LinkedList<Session>());
            session.WaitingOfUser = own.AddLast(session);
            if (own.Count > options.MaxParkedSessionsPerUser)
                Evict(own.First!.Value, evicted);
        }
        while (_waiting.Count > options.MaxParkedSessions || (ParkedBytes > options.MaxParkedBytes && _waiting.Count > 0))
            Evict(_waiting.First!.Value, evicted);
    }

    public void Unpark(Session session)
    {
        if (session.Waiting is not { } place)
            return;
        _waiting.Remove(place);
        session.Waiting = null;
        ParkedBytes -= session.WaitingBytes;
        clock.Cancel(session.Expiry!);
        session.Expiry = null;
        if (session.WaitingOfUser is { } placeOfUser)
        {
            var own = placeOfUser.List!;
            own.Remove(placeOfUser);
            session.WaitingOfUser = null;
            if (own.Count == 0)
                _waitingByUser.Remove(session.User!);
        }
    }

    /// <summary>Outside of the lock: ends a session that <see cref="Park"/> has taken out.</summary>
    public void Expire(Session session) => expired(session, SessionExpiryReason.Evicted);

    private void Evict(Session session, List<Session> evicted)
    {
        Unpark(session);
        evicted.Add(session);
    }

    private sealed class WaitingTime(SessionRegistry registry, Session session) : Deadline
    {
        internal override void OnDue() => registry.TimeOut(session, this);
    }

    private void TimeOut(Session session, WaitingTime time)
    {
        lock (gate)
        {
            // It may have come back, and even wait again, since the clock took this deadline from its lane.
            if (!ReferenceEquals(session.Expiry, time))
                return;
            Unpark(session);
        }
        expired(session, SessionExpiryReason.TimedOut);
    }
}
