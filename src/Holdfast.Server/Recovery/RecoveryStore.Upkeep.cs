using Holdfast.Engine;

namespace Holdfast.Recovery;

// What this node writes of its sessions, so that any other can go on with them; and what keeps that in the log, which forgets what is old.
internal sealed partial class RecoveryStore
{
    /// <summary>So many snapshots are written between two looks at what else wants to be written.</summary>
    private const int RenewalSlice = 100;

    private static readonly TimeSpan UpkeepEvery = TimeSpan.FromSeconds(1);

    private readonly Queue<Renewal> _renewals = new();
    private readonly Queue<Session> _unwritten = new();
    private readonly Queue<EndRecord> _unwrittenEnds = new();
    private readonly DeadlineLane? _upkeep;
    private readonly TimeSpan _renewal; // how old a snapshot may become

    /// <summary>Under the lock: tells other nodes how a session of this node stands.</summary>
    public void Write(Session session) => _ = WriteAsync(session);

    /// <summary>Under the lock, or not: what has been done to the data of a session of this node goes to the log, and nobody waits for it. What has been tried in vain is tried again anyway.</summary>
    public void WriteChanges(Session session)
    {
        if (session.Lease is not { } lease || lease.SentData == session.Data.Version)
            return;
        lock (Log.Gate)
        {
            if (IsOurs(session) && lease.SentData != session.Data.Version)
                Write(session);
        }
    }

    /// <summary>Under the lock: tells other nodes that a session of this node is over.</summary>
    public void WriteEnd(Session session) => _ = WriteEndAsync(new EndRecord(session.Namespace, session.Id, session.Lease!.Fence));

    /// <summary>Under the lock: a session has come from another node, whose last snapshot may be old.</summary>
    public void WriteSoon(Session session)
    {
        session.Lease!.IsWritten = false;
        _unwritten.Enqueue(session);
    }

    /// <summary>Under the lock: a record that tells all of the session is in the log, or on its way there.</summary>
    public void RenewLater(Session session, long cursor)
    {
        (session.Lease!.IsWritten, session.Lease.Written) = (true, cursor);
        _renewals.Enqueue(new Renewal(session, cursor, Clock.Now));
    }

    /// <summary>Under the lock: the same, for somebody who waits for it.</summary>
    /// <exception cref="RecoveryUnavailableException">In the task: the log can't take it now. It is written when it can.</exception>
    public Task SaveAsync(Session session)
    {
        // What stands behind a gap was kept from it. Other nodes, which have read what is missing here, know better.
        if (session.Start < Log.LostBefore)
            return Task.CompletedTask;
        var (lease, cursor, data) = (session.Lease!, Log.Head, session.Data.Version);
        lease.SentData = data;
        RenewLater(session, cursor);
        var record = SessionRecord.Of(session, cursor);
        return SaveAsync(session, record.Fence, Road!.AppendAsync(LogRecordKind.Session, record.Write, () =>
        {
            if (lease.Fence != record.Fence)
                return;
            lease.WrittenData = data;
            // It has joined or left rooms while this was on its way: whoever reads this first has to be told.
            if (lease.RoomsChanged > cursor && IsOurs(session))
                Write(session);
        }));
    }

    private async Task SaveAsync(Session session, long fence, Task append)
    {
        try
        {
            await append;
        }
        catch (Exception failure) when (failure is RecoveryUnavailableException or ArgumentException)
        {
            lock (Log.Gate)
            {
                if (session.Lease is { IsWritten: true } lease && lease.Fence == fence)
                {
                    lease.IsWritten = false;
                    // One that is too large is tried again when it has changed, or when its time has come.
                    if (failure is RecoveryUnavailableException)
                        _unwritten.Enqueue(session);
                }
            }
            throw;
        }
    }

    /// <summary>False: the log is away.</summary>
    private async Task<bool> WriteAsync(Session session)
    {
        try
        {
            await SaveAsync(session);
            return true;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (RecoveryUnavailableException)
        {
            return false;
        }
    }

    private async Task<bool> WriteEndAsync(EndRecord end)
    {
        try
        {
            await Road!.AppendAsync(LogRecordKind.End, end.Write, () => TakeOwn(end));
            return true;
        }
        catch (RecoveryUnavailableException)
        {
            lock (Log.Gate)
                _unwrittenEnds.Enqueue(end);
            return false;
        }
    }

    /// <summary>Our own record has come back. One that this node has given up must not live on anywhere; whose record ends it tells the application.</summary>
    private void TakeOwn(EndRecord end)
    {
        var home = Known(end.Namespace);
        if (!home.TryFind(end.Id, out var session) || !session.IsKicked)
        {
            Apply(end);
        }
        else if (session.Lease!.Fence > end.Fence)
        {
            // Its client was given it once more before this.
            WriteEnd(session);
        }
        else if (session.Stage == SessionStage.Away)
        {
            Forget(home, session);
            home.Sink?.OnExpired(session, SessionExpiryReason.Disconnected);
        }
        else
        {
            home.Sink!.Lose(session);
        }
    }

    private static bool IsOurs(Session session) => session.Stage is SessionStage.Live or SessionStage.Resuming or SessionStage.Parked;

    private sealed class UpkeepTime(RecoveryStore store) : Deadline
    {
        internal override void OnDue() => _ = store.UpkeepAsync(this);
    }

    private async Task UpkeepAsync(UpkeepTime time)
    {
        int left;
        lock (Log.Gate)
        {
            ForgetKicks();
            left = _unwrittenEnds.Count + _unwritten.Count + _renewals.Count;
        }
        // As long as the log takes it. What is written now is not due before the next pass.
        for (; left > 0; left -= RenewalSlice)
        {
            var written = await Task.WhenAll(WriteSlice());
            if (written.Length == 0 || written.Contains(false))
                break;
        }
        _upkeep!.Start(time);
    }

    private List<Task<bool>> WriteSlice()
    {
        List<Task<bool>> slice = [];
        lock (Log.Gate)
        {
            while (slice.Count < RenewalSlice && _unwrittenEnds.TryDequeue(out var end))
                slice.Add(WriteEndAsync(end));
            while (slice.Count < RenewalSlice && _unwritten.TryDequeue(out var session))
            {
                if (IsOurs(session) && !session.Lease!.IsWritten)
                    slice.Add(WriteAsync(session));
            }
            while (slice.Count < RenewalSlice && _renewals.TryPeek(out var renewal) && IsDue(renewal))
            {
                _renewals.Dequeue();
                if (IsOurs(renewal.Session) && renewal.Session.Lease!.Written == renewal.Cursor)
                    slice.Add(WriteAsync(renewal.Session));
            }
        }
        return slice;
    }

    /// <summary>A snapshot may not be gone from the log when the client comes back for the last time; and the younger it is, the less has to be kept in memory.</summary>
    private static TimeSpan RenewalTime(TimeSpan longestAbsence, LogWindow window) => TimeSpan.FromTicks(Math.Min(longestAbsence.Ticks, window.Age.Ticks) / 2);

    /// <summary>It is too old, or half of what the log keeps lies behind it.</summary>
    private bool IsDue(in Renewal renewal) => Clock.Now - renewal.Time >= _renewal.Ticks || Log.Head - renewal.Cursor >= Road!.Log.Window.Span / 2;

    private void ForgetKicks()
    {
        var old = Clock.Now - Options.MaxDisconnectionDuration.Ticks;
        while (_kicks.TryPeek(out var kick) && kick.Time < old)
        {
            _kicks.Dequeue();
            if (_kicked.TryGetValue(kick.Id, out var position) && position == kick.Position)
                _kicked.Remove(kick.Id);
            _unknownBefore = Math.Max(_unknownBefore, kick.Position);
        }
    }

    /// <param name="Session">Whose snapshot is to be made again.</param>
    /// <param name="Cursor">Where the reader stood when the last one was made.</param>
    /// <param name="Time">When that was.</param>
    private readonly record struct Renewal(Session Session, long Cursor, long Time);
}
