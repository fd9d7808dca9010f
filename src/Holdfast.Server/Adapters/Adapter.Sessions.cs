using Holdfast.Engine;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// How sessions lose their sockets, wait and end, and what heartbeats tell of them.
internal sealed partial class Adapter
{
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
            if (binding.Stage == BindingStage.Pending)
            {
                Refuse(binding);
                if (farewell is not null)
                    _ = binding.Outlet.SendAsync(farewell, CancellationToken.None);
                if (session.Stage != SessionStage.Connecting)
                    return [];
                session.Stage = SessionStage.Ended;
                return [session];
            }

            List<Session> touched = [session];
            session.Handlers.Add(closed);
            session.LastDisconnect = reason;
            // Another node has the session by now: only the socket is over.
            if (binding.Stage == BindingStage.Over)
                return touched;
            session.Holder = null;
            if (_recovery is not null && reason.IsRecoverable && !session.IsKicked && !session.IsEphemeral)
                Park(session, reason, touched);
            else
                End(session, SessionExpiryReason.Disconnected, farewell, binding.Outlet, isClosing);
            // Of a kick all nodes know by its own record.
            if (session is { Stage: SessionStage.Ended, Lease: not null, IsKicked: false })
                _recovery!.WriteEnd(session);
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
        if (IsShared)
        {
            _ = ExpireInOrderAsync(session, reason);
            return;
        }
        lock (_gate)
        {
            // It was taken from those that wait; a client that came in between has it again.
            if (session.Stage != SessionStage.Parked || session.Waiting is not null)
                return;
            End(session, reason, null, null);
        }
        Settle([session]);
    }

    /// <summary>The same, when other nodes may just be giving the session to its client: it ends where its End stands in the log, if nobody has claimed it before.</summary>
    private async Task ExpireInOrderAsync(Session session, SessionExpiryReason reason)
    {
        EndRecord record;
        lock (_gate)
        {
            if (session.Stage != SessionStage.Parked || session.Waiting is not null)
                return;
            record = new EndRecord(name, session.Id, session.Lease!.Fence);
        }
        var hasEnded = false;
        try
        {
            await _road!.AppendAsync(LogRecordKind.End, record.Write, () =>
            {
                hasEnded = session.Stage == SessionStage.Parked && session.Lease.Fence == record.Fence;
                if (hasEnded)
                    End(session, reason, null, null);
            });
        }
        catch (RecoveryUnavailableException)
        {
            lock (_gate)
            {
                // Once more, when it has waited as long again.
                if (session.Stage == SessionStage.Parked && session.Waiting is null)
                    _recovery!.Sessions.Park(session, []);
            }
        }
        if (hasEnded)
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
        TellOfRooms();
        if (touched.Exists(session => session.Stage == SessionStage.Ended))
            events.OnEnded();
        for (var i = 0; i < touched.Count; i++)
        {
            var session = touched[i];
            if (session.Stage == SessionStage.Ended)
                session.Acks.FailAll(new SocketDisconnectedException(session.LastDisconnect));
            else
                session.Acks.FailUnlimited(session.AsksBeforeCut, new SocketDisconnectedException(session.LastDisconnect));
            // Behind the first stand those that had to go for it.
            if (i > 0 && session.Stage == SessionStage.Parked && session.Waiting is null)
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

    private void Park(Session session, DisconnectReason reason, List<Session> touched)
    {
        session.Replay?.Stop();
        session.Replay = null;
        session.Outlet = null;
        session.Stage = SessionStage.Parked;
        EmptyLine(session);
        session.EndConnection(Head);
        session.AsksBeforeCut = server.LastAckId;
        _recovery!.Sessions.Park(session, touched);
        if (session.Lease is not null)
            ParkInOrder(session, session.Lease.Fence, reason);
        else
            session.Handlers.Add(() => events.OnParkedAsync(session, reason));
    }

    /// <summary>
    /// The other nodes are told, and behind that the application: a node that was stopped for long finds in the log before that record that another one has the session, whose client waits for nothing.
    /// When the record fails, the session waits here as far as anybody knows.
    /// </summary>
    private void ParkInOrder(Session session, long fence, DisconnectReason reason)
    {
        _recovery!.Write(session);
        _ = _road!.BehindAsync(() =>
        {
            if (session.Stage != SessionStage.Parked || session.Lease!.Fence != fence || session.Start < _recovery.Log.LostBefore)
                return;
            session.Handlers.Add(() => events.OnParkedAsync(session, reason));
            ThreadPool.UnsafeQueueUserWorkItem(static parked => parked.Handlers.Run(), session, preferLocal: false);
        });
    }

    private void End(Session session, SessionExpiryReason reason, EncodedPacket? farewell, EngineSession? outlet, bool isClosing = false)
    {
        session.LastRooms = RoomsOf(session);
        session.Stage = SessionStage.Ended;
        if (session.Lease is not null)
            EmptyLine(session);
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
        if (_watch is { } watch)
        {
            foreach (var room in session.LastRooms)
                NoteLeft(watch, room, session);
        }
        _recovery?.Sessions.Forget(session);
        session.Handlers.Add(() => events.OnExpiredAsync(session, reason));
    }
}
