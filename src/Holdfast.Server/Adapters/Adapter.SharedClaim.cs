using Holdfast.Diagnostics;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// How a socket gets its session when other nodes may have it, or may want it: at the place of a record that all nodes go by.
internal sealed partial class Adapter
{
    /// <summary>How long the other end of a connection on another node has to show that it is there. It is asked only when a session has been taken back and forth already.</summary>
    private static readonly TimeSpan ContestTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gives a session to a socket as <see cref="Claim"/> does, at the place of a record that tells all nodes. They all go by that record alone: if it holds, the session belongs to this node,
    /// and waits here for its client if the rest fails.
    /// </summary>
    /// <param name="binding">The socket.</param>
    /// <param name="privateId">The hash of the private id in the answer to its CONNECT.</param>
    /// <param name="connection">The lock of its connection, which comes before the log's.</param>
    /// <param name="claim">Calls <see cref="Claim"/>.</param>
    /// <exception cref="RecoveryUnavailableException">In the task: the log can't take the record.</exception>
    public Task<ClaimOutcome> ClaimAsync(SessionBinding binding, UInt128 privateId, Lock connection, Func<ClaimOutcome> claim)
    {
        var session = binding.Session;
        SessionRecord? begin = null;
        ClaimRecord? record = null;
        object data;
        int known;
        lock (_gate)
        {
            (data, known) = (session.Data.Version, binding.PendingRooms.Count);
            if (session.Stage == SessionStage.Connecting)
            {
                begin = Begin(binding, privateId);
            }
            else if (session is { Stage: not SessionStage.Ended, IsKicked: false, Holder: null } && binding.Request.Ticket >= session.Ticket)
            {
                // Rather now than at the record's place: nobody has to be told then.
                var result = ResumePlan.Preview(session, binding.Request, _recovery!);
                if (result.Outcome == RecoveryOutcome.Fresh)
                    return Task.FromResult(Lose(binding, result.Reason));
                if (result.Outcome < binding.Result.Outcome)
                {
                    binding.Result = result;
                    binding.ForgetPending();
                    return Task.FromResult(ClaimOutcome.Changed);
                }
                record = new ClaimRecord(name, session.Id, session.Lease!.Fence, PrivateId.Hash(binding.Request.PrivateId!), privateId, binding.Result.Reason, [.. binding.PendingRooms]);
            }
        }
        if (begin is not null)
            return BeginAsync(begin, data, known, binding, connection, claim);
        // Otherwise it is plain already that it doesn't get it.
        return record is not null ? ClaimAsync(record, binding, connection, claim) : Task.FromResult(claim());
    }

    private async Task<ClaimOutcome> BeginAsync(SessionRecord record, object data, int known, SessionBinding binding, Lock connection, Func<ClaimOutcome> claim)
    {
        var (session, road, outcome) = (binding.Session, _road!, ClaimOutcome.Again);
        await road.AppendAsync(
            LogRecordKind.Session,
            record.Write,
            () =>
            {
                session.Lease = new Lease { Owner = road.Log.NodeId, Fence = Head, SentData = data, WrittenData = data, RoomsChanged = Head };
                outcome = ClaimHere(binding, known, claim);
                if (outcome == ClaimOutcome.Claimed)
                    _recovery!.RenewLater(session, Head);
                else
                    _recovery!.WriteEnd(session);
            },
            connection);
        return outcome;
    }

    private async Task<ClaimOutcome> ClaimAsync(ClaimRecord record, SessionBinding binding, Lock connection, Func<ClaimOutcome> claim)
    {
        var (session, store, outcome) = (binding.Session, _recovery!, ClaimOutcome.Again);
        Task? contest = null;
        await store.Road!.AppendAsync(
            LogRecordKind.Claim,
            record.Write,
            () =>
            {
                if (session.Stage == SessionStage.Ended || session.Lease!.Fence != record.Fence)
                    return;
                var isTaken = store.IsLiveElsewhere(session);
                if (session.Stage == SessionStage.Away)
                    store.WriteSoon(session);
                RecoveryStore.Arrive(_home, session);
                store.TakeClaim(session, record, store.Road.Log.NodeId);
                foreach (var (room, join) in record.Rooms)
                    Change(session, room, join);
                if (isTaken && session.IsContested(store.Clock.Now))
                {
                    session.Lease.Contest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    contest = session.Lease.Contest.Task;
                }
                else
                {
                    outcome = ClaimHere(binding, record.Rooms.Length, claim);
                }
                store.Await(session);
            },
            connection);
        return contest is null ? outcome : await WaitAsync(contest, binding);
    }

    /// <summary>The connection that had it on another node is being closed. If its other end is still there, both clients want the session, and this one does not get it.</summary>
    private async Task<ClaimOutcome> WaitAsync(Task contest, SessionBinding binding)
    {
        try
        {
            await contest.WaitAsync(ContestTime, server.Time);
            return Lose(binding, RecoveryReason.ContestedSession);
        }
        catch (TimeoutException)
        {
            return ClaimOutcome.Again;
        }
    }

    /// <summary>Under the lock, at the record's place.</summary>
    /// <param name="binding">The socket.</param>
    /// <param name="known">So many of the joins and leaves that wait for the answer to CONNECT are in the record.</param>
    /// <param name="claim">Calls <see cref="Claim"/>.</param>
    private ClaimOutcome ClaimHere(SessionBinding binding, int known, Func<ClaimOutcome> claim)
    {
        var late = binding.PendingRooms.Skip(known).ToArray();
        var outcome = claim();
        if (outcome != ClaimOutcome.Claimed)
            return outcome;
        var session = binding.Session;
        foreach (var (room, join) in late)
            KeepWord(session, ChangeRoomsAsync(new RoomsRecord(name, new SessionTarget(session.OwnRoom, []), [room], join)));
        _recovery!.WriteChanges(session);
        return outcome;
    }

    private void Change(Session session, string room, bool join)
    {
        if (join)
            Join(session, room);
        else
            Leave(session, room);
    }

    /// <summary>
    /// What a middleware has emitted, and what it has joined when the record was on its way already, comes behind the answer to CONNECT, and was promised when it was asked for. If the log does not
    /// take it, there is nobody to tell but the client: its session ends, so that it comes back to another one.
    /// </summary>
    private void KeepWord(Session session, Task append)
    {
        if (!append.IsCompletedSuccessfully)
            _ = WaitAsync();

        async Task WaitAsync()
        {
            try
            {
                await append.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the log's lock is held
            }
            catch (Exception refused)
            {
                lock (_gate)
                {
                    if (session.IsKicked || session.Stage == SessionStage.Ended)
                        return;
                    session.IsKicked = true;
                    _recovery!.WriteEnd(session);
                }
                server.Log.WordBroken(name, refused.Message);
            }
        }
    }

    private SessionRecord Begin(SessionBinding binding, UInt128 privateId) => new()
    {
        Namespace = name,
        Id = binding.Session.Id,
        PrivateId = privateId,
        User = binding.Session.User,
        Rooms = [.. Rooms(binding).Where(room => room != binding.Session.Id).Select(room => (room, 0L))],
        Data = SessionRecord.DataOf(((ServerSocket)binding.Socket).Data),
    };
}
