namespace Holdfast.Recovery;

// The sessions of all nodes. Every node applies the same records in the same order, under the log's lock, so that all agree on whose a session is, on its rooms, and on its end.
internal sealed partial class RecoveryStore
{
    private readonly Dictionary<string, long> _kicked = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Position, long Time)> _kicks = new();

    // Of a session that is not known now, and whose snapshot was made before this position, nobody can say here whether it has been ended since.
    private long _unknownBefore;

    private void Apply(SessionRecord record, ulong node)
    {
        var home = Known(record.Namespace);
        var begins = record.Fence == 0;
        if (home.TryFind(record.Id, out var session))
        {
            var fence = session.Lease!.Fence;
            // Somebody has it by another claim: this was written before that became known. A later claim than ours is one that this node has not read: then its owner knows better.
            if (begins || record.Fence < fence || (record.Fence == fence && session.Stage != SessionStage.Away))
                return;
            if (session.Stage != SessionStage.Away)
                GiveAway(home, session);
        }
        else
        {
            if (!begins && record.Cursor < Math.Max(_unknownBefore, _kicked.GetValueOrDefault(record.Id)))
                return;
            session = new Session(record.Id, record.Namespace, _shared!.Parser, _shared.Time, _shared.InboxLimit) { Stage = SessionStage.Away, Lease = new Lease() };
            home.Away.Add(session);
        }
        Restore(home, session, record, node, begins);
        // It began with a record of which its own node was told that it had failed, and so was its client.
        if (begins && node == Own)
            WriteEnd(session);
    }

    private void Restore(Home home, Session session, SessionRecord record, ulong node, bool begins)
    {
        var lease = session.Lease!;
        (lease.Owner, lease.Fence, lease.IsParked) = (node, begins ? Log.Head : record.Fence, record.IsParked);
        session.Restore(record);
        lease.SentData = lease.WrittenData = session.Data.Version;
        if (begins)
            session.BeginAt(Log.Head);
        session.LastAddressed = Session.NotKnown;
        // What has happened to its rooms since the snapshot was made is known here, and was not known there.
        if (lease.RoomsChanged <= record.Cursor)
        {
            lease.Learned = record.Cursor;
            session.RestorePast(record);
            foreach (var room in session.Memberships.Keys.ToArray())
                home.Away.Leave(session, room);
            foreach (var (room, joined) in record.Rooms)
                home.Away.Join(session, room, begins ? Log.Head : joined);
        }
        Sessions.Forget(session);
        Sessions.Name(session, record.PrivateId);
        if (record.Alias is { } alias)
            Sessions.NameAlias(session, alias, record.AliasReason);
        if (node != Own && !Road!.Nodes.Contains(node))
            Orphan(session);
        else
            NoOrphan(session);
    }

    /// <summary>Under the lock: sessions join or leave rooms, here and elsewhere.</summary>
    public void Apply(RoomsRecord record)
    {
        var home = Known(record.Namespace);
        home.Sink?.Take(record);
        foreach (var session in Matching(home.Away, record.Target))
        {
            foreach (var room in record.Rooms)
                ChangeAway(home, session, room, record.Join);
        }
    }

    /// <summary>Under the lock: sessions are over, here and elsewhere.</summary>
    public void Apply(KickRecord record)
    {
        var home = Known(record.Namespace);
        foreach (var session in Matching(home.Here, record.Target))
            Remember(session);
        home.Sink?.Take(record);
        foreach (var session in Matching(home.Away, record.Target))
        {
            Remember(session);
            Forget(home, session);
        }

        // A snapshot of it may still be on its way, made by its node before it read this.
        void Remember(Session session)
        {
            if (session.IsEphemeral)
                return;
            _kicked[session.Id] = Log.Head;
            _kicks.Enqueue((session.Id, Log.Head, Clock.Now));
        }
    }

    private void Apply(ClaimRecord record, ulong node)
    {
        var home = Known(record.Namespace);
        if (!home.TryFind(record.Id, out var session) || session.Lease!.Fence > record.Fence)
            return;
        if (node == Own)
        {
            // It has been said to have failed. The session is ours all the same, and waits for its client.
            Arrive(home, session);
            TakeClaim(session, record, node);
            foreach (var (room, join) in record.Rooms)
                home.Sink!.Take(new RoomsRecord(record.Namespace, new SessionTarget([session.Id], []), [room], join));
            Await(session);
            return;
        }
        if (session.Stage != SessionStage.Away)
            GiveAway(home, session);
        TakeClaim(session, record, node);
        session.LastAddressed = Session.NotKnown;
        foreach (var (room, join) in record.Rooms)
            ChangeAway(home, session, room, join);
    }

    private void Apply(EndRecord record)
    {
        var home = Known(record.Namespace);
        if (!home.TryFind(record.Id, out var session) || session.Lease!.Fence > record.Fence)
            return;
        // This node was thought to be gone.
        if (session.Stage != SessionStage.Away)
            GiveAway(home, session);
        Forget(home, session);
    }

    /// <summary>Under the lock: two clients want the same session.</summary>
    public void Apply(ContestRecord record)
    {
        if (!Known(record.Namespace).TryFind(record.Id, out var session))
            return;
        session.CountContest(Clock.Now);
        session.Lease!.Contest?.TrySetResult();
    }

    /// <summary>Under the lock: what a claim that holds does to a session, on every node alike.</summary>
    public void TakeClaim(Session session, ClaimRecord claim, ulong node)
    {
        var lease = session.Lease!;
        (lease.Owner, lease.Fence, lease.IsParked) = (node, Log.Head, false);
        NoOrphan(session);
        if (claim.Reason == RecoveryReason.None)
            return;
        session.BeginAt(Log.Head);
        Sessions.Rename(session, claim.Presented, claim.PrivateId, claim.Reason);
    }

    /// <summary>Under the lock: a session is to be one of this node's. Somebody serves it in the same step, or <see cref="Await"/> is called.</summary>
    public static void Arrive(Home home, Session session)
    {
        if (session.Stage != SessionStage.Away)
            return;
        Move(session, home.Away, home.Here);
        session.Stage = SessionStage.Parked;
    }

    /// <summary>Under the lock: a session that has arrived, and that nobody serves, waits here for its client.</summary>
    public void Await(Session session)
    {
        if (session.Stage != SessionStage.Parked || session.Waiting is not null)
            return;
        List<Session> evicted = [];
        Sessions.Park(session, evicted);
        foreach (var other in evicted)
            Sessions.Expire(other);
        Write(session);
    }

    /// <summary>Under the lock: the session is over, and was another node's.</summary>
    public void Forget(Home home, Session session)
    {
        session.LastRooms = [session.Id, .. session.Memberships.Keys];
        NoOrphan(session);
        home.Away.Remove(session);
        Sessions.Forget(session);
        session.Stage = SessionStage.Ended;
    }

    /// <summary>Under the lock: whom a record means.</summary>
    public IEnumerable<Session> Matching(RoomIndex sessions, SessionTarget target)
    {
        var matching = sessions.Matching(target);
        return target.Node is { } node ? matching.Where(session => (session.Lease?.Owner ?? Own) == node) : matching;
    }

    private static void GiveAway(Home home, Session session)
    {
        home.Sink!.Detach(session);
        Move(session, home.Here, home.Away);
        session.Stage = SessionStage.Away;
    }

    private void ChangeAway(Home home, Session session, string room, bool join)
    {
        session.Lease!.RoomsChanged = Log.Head;
        if (join)
            home.Away.Join(session, room, Log.Head);
        else if (home.Away.Leave(session, room) is { } left)
            session.Remember(room, left, Log.Head, Log.Tail);
    }

    /// <summary>With its rooms, each since the position at which it joined.</summary>
    private static void Move(Session session, RoomIndex from, RoomIndex to)
    {
        var rooms = session.Memberships.Select(room => (room.Key, room.Value.Joined)).ToArray();
        from.Remove(session);
        to.Add(session);
        foreach (var (room, joined) in rooms)
            to.Join(session, room, joined);
    }
}
