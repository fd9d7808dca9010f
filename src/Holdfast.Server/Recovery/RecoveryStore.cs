using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>What a server keeps for clients that are away: the log of all its namespaces, and the sessions by their private ids. One lock guards both, and is the lock of every adapter.</summary>
internal sealed partial class RecoveryStore
{
    private long _lastTicket;

    /// <param name="options">The bounds.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="heartbeat">How long a dead connection can go unnoticed: events that were sent into it are kept that much longer.</param>
    /// <param name="expired">Ends a session that has waited too long, outside of the lock.</param>
    /// <param name="shared">A log that other nodes write to as well; null: memory alone.</param>
    public RecoveryStore(ConnectionStateRecoveryOptions options, EngineClock clock, TimeSpan heartbeat, Action<Session, SessionExpiryReason> expired, SharedRecovery? shared = null)
    {
        Options = options;
        Clock = clock;
        _renewal = shared is null ? TimeSpan.Zero : RenewalTime(options.MaxDisconnectionDuration + heartbeat, shared.Log.Window);
        // What another node has written of a session is as old as that at worst, and the client may have heard nothing since: then it is owed an account of all that has happened from there on.
        Log = new EventLog(options, clock, shared is null ? heartbeat : heartbeat + _renewal + UpkeepEvery, shared?.Log.MaxMemoryBytes);
        Sessions = new SessionRegistry(options, clock, Log.Gate, expired);
        _shared = shared;
        if (shared is null)
            return;
        Road = new SharedRoad(shared.Log, Log, this);
        _orphans = clock.CreateLane(options.MaxDisconnectionDuration);
        _upkeep = clock.CreateLane(UpkeepEvery);
        _upkeep.Start(new UpkeepTime(this));
    }

    public ConnectionStateRecoveryOptions Options { get; }

    public EngineClock Clock { get; }

    public EventLog Log { get; }

    public SessionRegistry Sessions { get; }

    /// <summary>The last position: everything up to it has been handed to the outboxes.</summary>
    public long Position
    {
        get
        {
            lock (Log.Gate)
                return Log.Head;
        }
    }

    /// <summary>Reads what a CONNECT says about a former session.</summary>
    public ResumeRequest ReadRequest(EventArgument auth, PacketParser parser, out EventArgument rest) =>
        ResumeRequest.Read(auth, parser, Log.Offsets, Interlocked.Increment(ref _lastTicket), out rest);

    /// <summary>Looks for the session that a client wants back. Null: it starts afresh, and the result says why.</summary>
    public Session? Find(in ResumeRequest request, string ns, string? user, out RecoveryResult result)
    {
        result = default;
        if (request.PrivateId is null)
            return null;
        if (PrivateId.IsWellFormed(request.PrivateId))
        {
            var hash = PrivateId.Hash(request.PrivateId);
            lock (Log.Gate)
            {
                if (Sessions.Find(hash) is { IsKicked: false } session)
                {
                    if (session.Namespace != ns)
                        result = Fresh(RecoveryReason.OtherNamespace);
                    else if (session.User != user)
                        result = Fresh(RecoveryReason.OtherUser);
                    else
                        result = ResumePlan.Preview(session, request, this);
                    return result.Outcome == RecoveryOutcome.Fresh ? null : session;
                }
            }
        }
        result = Fresh(RecoveryReason.UnknownSession);
        return null;
    }

    /// <summary>The session was taken from a connection whose client is still there. All nodes that may be asked for it next have to know.</summary>
    public Task CountContestAsync(Session session)
    {
        if (IsShared && session.Lease is not null)
        {
            var record = new ContestRecord(session.Namespace, session.Id);
            return Road.AppendAsync(LogRecordKind.Contest, record.Write, () => Apply(record));
        }
        lock (Log.Gate)
            session.CountContest(Clock.Now);
        return Task.CompletedTask;
    }

    /// <summary>The host stops: no client will answer any more.</summary>
    public void Abandon(Exception reason)
    {
        Session[] all;
        lock (Log.Gate)
            all = Sessions.All();
        foreach (var session in all)
            session.Acks.FailAll(reason);
    }

    private static RecoveryResult Fresh(RecoveryReason reason) => new(RecoveryOutcome.Fresh, reason, 0);
}
