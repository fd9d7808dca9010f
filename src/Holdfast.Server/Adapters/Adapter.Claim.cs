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

    /// <summary>Somebody else has taken it meanwhile: it is to be looked at once more.</summary>
    Again,
}

// How a socket gets its session.
internal sealed partial class Adapter
{
    /// <summary>
    /// Gives a session to a socket, in one step: its CONNECT goes out first, then what the client missed, then what was emitted while it was connecting, and it is in the rooms that
    /// it joined meanwhile. From this step on events reach it, through its outbox or through the replay.
    /// </summary>
    /// <param name="binding">The socket, with what the client asked for.</param>
    /// <param name="connect">The answer to its CONNECT, for the expected outcome.</param>
    /// <param name="privateId">The hash of the private id in that answer.</param>
    /// <param name="evenIfFull">The client has had no chance yet to read what the outbox holds.</param>
    /// <param name="holder">Who has it, if somebody does.</param>
    public ClaimOutcome Claim(SessionBinding binding, EncodedPacket connect, UInt128 privateId, bool evenIfFull, out SessionBinding? holder)
    {
        lock (_gate)
        {
            var session = binding.Session;
            holder = session.Holder;
            List<LogEntry>? missed = null;
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
                if (result.Outcome == RecoveryOutcome.Fresh)
                    return Lose(binding, result.Reason);
                binding.Result = result;
                if (result.Outcome != expected)
                {
                    binding.ForgetPending();
                    return ClaimOutcome.Changed;
                }
            }

            var eventsFirst = missed is not null && _recovery!.Options.ReplayOrder == ReplayOrder.EventsFirst;
            if (evenIfFull)
                binding.Outlet.Send(connect);
            else if (!eventsFirst && !binding.Outlet.TrySend(connect))
                return ClaimOutcome.Full;
            Register(session, binding, privateId);
            session.Holder = binding;
            session.Outlet = binding.Outlet;
            session.Ticket = binding.Request.Ticket;
            session.Stage = SessionStage.Live;
            session.BeginConnection();
            binding.Stage = BindingStage.Accepted;
            if (missed is not null)
                Resume(session, missed, eventsFirst ? connect : null);
            ApplyPending(binding);
            return ClaimOutcome.Claimed;
        }
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
            if (_watch is { } watch)
                NoteJoined(watch, session.Id, session);
            session.BeginAt(Head);
            if (!session.IsEphemeral)
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
        {
            if (binding.Session.Lease is null)
                Send(binding.Session, packet);
            else
                KeepWord(binding.Session, AppendAsync(binding.Session, packet, null));
        }
        binding.ForgetPending();
    }
}
