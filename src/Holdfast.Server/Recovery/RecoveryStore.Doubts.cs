namespace Holdfast.Recovery;

// Sessions from before a place where this node has not read everything. They may have been ended there, or have joined and left rooms. Whoever has read it can say; and if nobody can, nobody gets them here.
internal sealed partial class RecoveryStore
{
    /// <summary>Under the lock: something may have happened to the session that this node does not know of.</summary>
    public bool IsDoubtful(Session session) => session.Start < Log.UnreadBefore && session.Lease is { } lease && lease.Learned < Log.UnreadBefore;

    /// <summary>Whether others have to be asked how the session stands that a client wants back.</summary>
    public (string Namespace, string Id, long Fence)? DoubtOf(in ResumeRequest request)
    {
        if (request.PrivateId is not { } privateId || !PrivateId.IsWellFormed(privateId))
            return null;
        var hash = PrivateId.Hash(privateId);
        lock (Log.Gate)
            return Sessions.Find(hash) is { IsKicked: false } session && IsDoubtful(session) ? (session.Namespace, session.Id, session.Lease!.Fence) : null;
    }

    /// <summary>Under the lock: how a session stands at this place, for a node that does not know. Null: this one does not know either, or knows of no such session.</summary>
    public SessionRecord? Know(string ns, string id, long fence) =>
        _homes.TryGetValue(ns, out var home) && home.TryFind(id, out var session) && session is { IsKicked: false, Lease: { } lease } && lease.Fence == fence && !IsDoubtful(session)
            ? SessionRecord.Of(session, Log.Head)
            : null;

    /// <summary>Another node has said how a session stands. False: more has happened to it meanwhile, and it has to be asked once more.</summary>
    public bool TryLearn(SessionRecord known)
    {
        lock (Log.Gate)
        {
            var home = Known(known.Namespace);
            if (!home.TryFind(known.Id, out var session) || session.Lease!.Fence != known.Fence)
                return true;
            if (session.Lease.RoomsChanged > known.Cursor)
                return false;
            ChangeRooms(home, session, [.. session.Memberships.Keys.Except(known.Rooms.Select(room => room.Room))], join: false);
            ChangeRooms(home, session, [.. known.Rooms.Select(room => room.Room).Except(session.Memberships.Keys)], join: true);
            // Nobody knows the data better than the node that has the session.
            if (session.Stage == SessionStage.Away)
            {
                session.Data.Restore(known.Data);
                session.Lease.SentData = session.Lease.WrittenData = session.Data.Version;
            }
            session.Lease.Learned = known.Cursor;
            return true;
        }
    }

    private void ChangeRooms(Home home, Session session, string[] rooms, bool join)
    {
        if (rooms.Length == 0)
            return;
        if (session.Stage != SessionStage.Away)
        {
            home.Sink!.Take(new RoomsRecord(home.Name, new SessionTarget(session.OwnRoom, []), rooms, join));
            return;
        }
        foreach (var room in rooms)
            ChangeAway(home, session, room, join);
    }
}
