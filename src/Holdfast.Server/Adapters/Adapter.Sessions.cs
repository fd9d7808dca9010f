using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

/// <summary>What became of the attempt to give a session to a socket.</summary>
internal enum ClaimOutcome
{
    /// <summary>It has it, and the client has been told.</summary>
    Claimed,

    /// <summary>Another socket has it, and has to go first.</summary>
    Held,

    /// <summary>The same, but it has been taken from connections that were alive before: if this one is alive, too, it is not given away any more.</summary>
    Contested,

    /// <summary>The client would get something else than was expected; the binding says what.</summary>
    Changed,

    /// <summary>Nobody gets this session any more; the binding says why.</summary>
    Lost,

    /// <summary>The client does not even read its answers.</summary>
    Full,
}

// How sessions come to life, change hands, wait and end.
internal sealed partial class Adapter
{
    /// <summary>
    /// Gives a session to a socket, in one step: its CONNECT goes out first, then what the client missed, then what was emitted while it was connecting, and it is in the rooms that
    /// it joined meanwhile. From this step on events reach it, through its outbox or through the replay.
    /// </summary>
    /// <param name="binding">The socket, with what the client asked for.</param>
    /// <param name="connect">The answer to its CONNECT, for the expected outcome.</param>
    /// <param name="privateId">The hash of the private id in that answer.</param>
    /// <param name="holder">Who has it, if somebody does.</param>
    public ClaimOutcome Claim(SessionBinding binding, EncodedPacket connect, UInt128 privateId, out SessionBinding? holder)
    {
        lock (_gate)
        {
            var session = binding.Session;
            holder = session.Holder;
            var missed = new List<LogEntry>();
            if (session.Stage != SessionStage.Connecting)
            {
                if (session.Stage == SessionStage.Ended || session.IsKicked)
                    return Lose(binding, RecoveryReason.UnknownSession);
                if (binding.Request.Ticket < session.Ticket)
                    return Lose(binding, RecoveryReason.Superseded);
                if (holder is not null)
                    return session.IsContested(_recovery!.Clock.Now) ? ClaimOutcome.Contested : ClaimOutcome.Held;
                var result = ResumePlan.Make(session, binding.Request, _recovery!, _log, out missed);
                var expected = binding.Result.Outcome;
                binding.Result = result;
                if (result.Outcome != expected)
                {
                    binding.ForgetPending();
                    return ClaimOutcome.Changed;
                }
            }

            var eventsFirst = missed.Count > 0 && _recovery!.Options.ReplayOrder == ReplayOrder.EventsFirst;
            if (!eventsFirst && !binding.Outlet.TrySend(connect))
                return ClaimOutcome.Full;
            Register(session, binding, privateId);
            session.Holder = binding;
            session.Outlet = binding.Outlet;
            session.Ticket = binding.Request.Ticket;
            session.Stage = SessionStage.Live;
            session.BeginConnection();
            binding.Stage = BindingStage.Accepted;
            if (missed.Count > 0)
                Resume(session, missed, eventsFirst ? connect : null);
            ApplyPending(binding);
            return ClaimOutcome.Claimed;
        }
    }

    /// <summary>
    /// A socket is over, whoever ended it. Its session waits for the client if the connection was lost in a way that one comes back from, else it ends. May be called under the connection's
    /// lock, and runs nobody's code: the caller passes the answer to <see cref="Settle"/> when it has let go of it.
    /// </summary>
    /// <param name="binding">The socket.</param>
    /// <param name="reason">Why it is over.</param>
    /// <param name="farewell">What the client is told, after all that was emitted before.</param>
    /// <param name="isClosing">The connection ends with it, so that the farewell can't wait for a replay: what has not gone out yet is dropped.</param>
    /// <param name="closed">The socket's own last handlers, which take their place in line before anybody else can have the session.</param>
    public List<Session> Release(SessionBinding binding, DisconnectReason reason, EncodedPacket? farewell, bool isClosing, Func<ValueTask> closed)
    {
        lock (_gate)
        {
            var session = binding.Session;
            List<Session> touched = [session];
            if (binding.Stage == BindingStage.Pending)
            {
                Refuse(binding);
                if (session.Stage == SessionStage.Connecting)
                    session.Stage = SessionStage.Ended;
                if (farewell is not null)
                    _ = binding.Outlet.SendAsync(farewell, CancellationToken.None);
                return touched;
            }

            session.Handlers.Add(closed);
            session.Holder = null;
            session.LastDisconnect = reason;
            if (_recovery is not null && reason.IsRecoverable && !session.IsKicked)
                Park(session, reason, touched);
            else
                End(session, SessionExpiryReason.Disconnected, farewell, binding.Outlet, isClosing);
            return touched;
        }
    }

    /// <summary>The socket does not get this session.</summary>
    public void Refuse(SessionBinding binding)
    {
        lock (_gate)
        {
            binding.Stage = BindingStage.Refused;
            binding.ForgetPending();
        }
    }

    /// <summary>The socket's <c>disconnecting</c> handlers have run: what it does from now on is no business of the session.</summary>
    public void Retire(SessionBinding binding)
    {
        lock (_gate)
            binding.Stage = BindingStage.Over;
    }

    /// <summary>Ends a session that has waited too long.</summary>
    public void Expire(Session session, SessionExpiryReason reason)
    {
        lock (_gate)
        {
            // It was taken from those that wait; a client that came in between has it again.
            if (session.Stage != SessionStage.Parked || session.Waiting is not null)
                return;
            End(session, reason, null, null);
        }
        Settle([session]);
    }

    /// <summary>
    /// Nobody gets this session any more. One that waits ends now; for one that is connected the socket that has it is returned, and whatever ends that one ends the session.
    /// </summary>
    public SessionBinding? Kick(Session session)
    {
        lock (_gate)
        {
            if (session.Stage != SessionStage.Parked)
            {
                session.IsKicked = true;
                return session.Holder;
            }
            session.LastDisconnect = DisconnectReason.ServerNamespaceDisconnect;
            End(session, SessionExpiryReason.Disconnected, null, null);
        }
        Settle([session]);
        return null;
    }

    /// <summary>Outside of all locks: what follows from a change of these sessions.</summary>
    public void Settle(List<Session> touched)
    {
        foreach (var session in touched)
        {
            if (session.Stage == SessionStage.Ended)
                session.Acks.FailAll(new SocketDisconnectedException(session.LastDisconnect));
            else
                session.Acks.FailUnlimited(session.AsksBeforeCut, new SocketDisconnectedException(session.LastDisconnect));
            if (session.Stage == SessionStage.Parked && session.Waiting is null)
                _recovery!.Sessions.Expire(session);
            session.Handlers.Run();
        }
    }

    /// <summary>A ping is about to go out on the connection of this socket, which says something about the session only if the socket has it.</summary>
    public void BeginPing(SessionBinding binding)
    {
        lock (_gate)
        {
            if (binding.Session.Holder == binding)
                binding.Session.BeginPing();
        }
    }

    /// <summary>It has gone out, behind everything up to the position.</summary>
    public void MarkPing(SessionBinding binding, long position)
    {
        lock (_gate)
        {
            if (binding.Session.Holder == binding)
                binding.Session.MarkPing(position);
        }
    }

    /// <summary>The client has answered the ping.</summary>
    public void Confirm(SessionBinding binding)
    {
        lock (_gate)
        {
            if (binding.Session.Holder == binding && binding.Session.TryConfirm())
                _recovery!.Sessions.DropAlias(binding.Session);
        }
    }

    /// <summary>The client has sent something that shows that it knows its new private id.</summary>
    public void DropAlias(Session session)
    {
        lock (_gate)
            _recovery!.Sessions.DropAlias(session);
    }

    private static ClaimOutcome Lose(SessionBinding binding, RecoveryReason reason)
    {
        binding.Result = new RecoveryResult(RecoveryOutcome.Fresh, reason, 0);
        return ClaimOutcome.Lost;
    }

    private void Register(Session session, SessionBinding binding, UInt128 privateId)
    {
        if (session.Stage == SessionStage.Connecting)
        {
            _index.Add(session);
            session.BeginAt(Head);
            _recovery?.Sessions.Name(session, privateId);
            return;
        }
        _recovery!.Sessions.Unpark(session);
        if (binding.Result.Outcome == RecoveryOutcome.StateOnly)
        {
            session.BeginAt(Head);
            _recovery.Sessions.Rename(session, PrivateId.Hash(binding.Request.PrivateId!), privateId, binding.Result.Reason);
        }
    }

    private void ApplyPending(SessionBinding binding)
    {
        foreach (var (room, join) in binding.PendingRooms)
        {
            if (join)
                Join(binding.Session, room);
            else
                Leave(binding.Session, room);
        }
        foreach (var packet in binding.PendingEmits)
            Send(binding.Session, packet);
        binding.ForgetPending();
    }

    private void Park(Session session, DisconnectReason reason, List<Session> touched)
    {
        session.Replay?.Stop();
        session.Replay = null;
        session.Outlet = null;
        session.Stage = SessionStage.Parked;
        EmptyLine(session);
        session.EndConnection(Head);
        session.AsksBeforeCut = server.LastAckId;
        session.Handlers.Add(() => events.OnParkedAsync(session, reason));
        _recovery!.Sessions.Park(session, touched);
    }

    private void End(Session session, SessionExpiryReason reason, EncodedPacket? farewell, EngineSession? outlet, bool isClosing = false)
    {
        session.LastRooms = RoomsOf(session);
        session.Stage = SessionStage.Ended;
        if (farewell is not null && session.Replay is { } replay && !isClosing)
        {
            replay.Seal(farewell);
        }
        else
        {
            session.Replay?.Stop();
            if (farewell is not null)
                _ = outlet!.SendAsync(farewell, CancellationToken.None);
        }
        session.Replay = null;
        session.Outlet = null;
        _index.Remove(session);
        _recovery?.Sessions.Forget(session);
        session.Handlers.Add(() => events.OnExpiredAsync(session, reason));
    }
}
