using Holdfast.Engine;

namespace Holdfast.Recovery;

// Sessions whose node is gone. Their clients have as long to come back as if their connections had been lost at that moment; then one of the nodes that are left ends them.
internal sealed partial class RecoveryStore
{
    private readonly DeadlineLane? _orphans;

    void IRecordTarget.OnNodeGone(ulong node)
    {
        lock (Log.Gate)
        {
            foreach (var home in _homes.Values)
            {
                foreach (var session in home.Away.Sessions)
                {
                    if (session.Lease!.Owner == node)
                        Orphan(session);
                }
            }
        }
    }

    /// <summary>Under the lock: whether a node that is there has the session and has not said that its client is away.</summary>
    public bool IsLiveElsewhere(Session session) => session is { Stage: SessionStage.Away, Lease: { IsParked: false } lease } && Road!.Nodes.Contains(lease.Owner);

    private void Orphan(Session session)
    {
        if (session.Lease!.Orphaned is not null)
            return;
        session.Lease.Orphaned = new OrphanTime(this, session);
        _orphans!.Start(session.Lease.Orphaned);
    }

    private void NoOrphan(Session session)
    {
        if (session.Lease!.Orphaned is not { } time)
            return;
        Clock.Cancel(time);
        session.Lease.Orphaned = null;
    }

    private sealed class OrphanTime(RecoveryStore store, Session session) : Deadline
    {
        internal override void OnDue() => _ = store.EndOrphanAsync(session, this);
    }

    private async Task EndOrphanAsync(Session session, OrphanTime time)
    {
        EndRecord? end = null;
        lock (Log.Gate)
        {
            if (session.Lease!.Orphaned != time)
                return;
            // Should that node not do it, because it is stopped or has ended, somebody else may have the lowest number next time.
            if (!Road!.Nodes.Any(node => node < Own))
                end = new EndRecord(session.Namespace, session.Id, session.Lease.Fence);
            else
                _orphans!.Start(time);
        }
        if (end is null)
            return;
        try
        {
            await Road.AppendAsync(LogRecordKind.End, end.Write, () => TakeEnd(session, end));
        }
        catch (RecoveryUnavailableException)
        {
            lock (Log.Gate)
            {
                if (session.Lease!.Orphaned == time)
                    _orphans!.Start(time);
            }
        }
    }

    /// <summary>Our own record has come back. Whose record ends the session tells the application.</summary>
    private void TakeEnd(Session session, EndRecord end)
    {
        if (session.Stage != SessionStage.Away || session.Lease!.Fence != end.Fence)
            return;
        var home = Known(end.Namespace);
        Forget(home, session);
        home.Sink?.OnExpired(session, SessionExpiryReason.TimedOut);
    }
}
