using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// The way through a log that other nodes write to as well: first to the log, and into the order of the namespace when it comes back.
internal sealed partial class Adapter : IHomeSink
{
    /// <summary>So many connections are closed at a time, with a moment for others in between.</summary>
    private const int ClosingSlice = 100;

    private static readonly TimeSpan ClosingPause = TimeSpan.FromMilliseconds(50);

    private readonly SharedRoad? _road = server.Recovery?.Road;

    public bool IsShared => _road is not null;

    /// <summary>From here on the clients of this node get what other nodes append.</summary>
    public void Attach()
    {
        lock (_gate)
            _home.Sink = this;
    }

    /// <summary>To all who match, on all nodes. Completes when the event is in the log and has been handed to the outboxes of this node's receivers; waits for none of them.</summary>
    public Task PublishAsync(BroadcastTarget target, EncodedPacket packet, EncodedPacket? bare, OutgoingEvent? outgoing)
    {
        if (_road is { } road)
            return PublishAsync(road, target, packet, bare, outgoing);
        Publish(target, packet, bare, outgoing);
        return Task.CompletedTask;
    }

    /// <summary>Does something that has no place in the log, behind all that this node has appended before: at once, when nothing is on its way.</summary>
    public Task BehindAsync(Action run)
    {
        if (_road is { } road)
            return road.BehindAsync(run);
        run();
        return Task.CompletedTask;
    }

    /// <summary>Completes when the data of the socket's session are in the log; at once, when there is none but that in memory, or another socket has the session.</summary>
    public Task SaveAsync(SessionBinding binding)
    {
        lock (_gate)
            return binding.Session is { Lease: not null } session && session.Holder == binding ? _recovery!.SaveAsync(session) : Task.CompletedTask;
    }

    /// <summary>
    /// An answer of a handler. What it has changed in the data of its session is in the log before the client gets it; what the log does not take is not answered for, and the handler is told as
    /// by everything else that the log does not take. It holds up nothing: later answers speak of later changes.
    /// </summary>
    /// <exception cref="RecoveryUnavailableException">In the task: the data are not in the log.</exception>
    public Task AnswerAsync(SessionBinding binding, Action send)
    {
        var session = binding.Session;
        if (session.Lease is not { } lease)
            return _road!.BehindAsync(send);
        lock (_gate)
        {
            // It is over, or another node has the session: whoever asked is not there any more.
            if (session.Holder != binding)
                return Task.CompletedTask;
            var data = session.Data.Version;
            if (!IsToldOf() && (lease.SentData != data || !lease.IsWritten))
                _recovery!.Write(session);
            return _road!.BehindAsync(() =>
            {
                if (session.Holder != binding)
                    return;
                if (!IsToldOf())
                {
                    lease.RefusedData = data;
                    throw new RecoveryUnavailableException("The log has not taken the data of the session, so the handler's acknowledgement is not sent. They are written when the log takes them.", outcomeUnknown: true);
                }
                send();
            });

            bool IsToldOf() => lease.WrittenData == data || lease.RefusedData == data;
        }
    }

    /// <summary>Handlers have run: what they have changed in the data of the session goes to the log at once. Nobody waits for it.</summary>
    public void WriteChanges(Session session) => _recovery?.WriteChanges(session);

    /// <summary>A socket joins rooms. Completes when all nodes are bound to know it.</summary>
    public Task JoinAsync(SessionBinding binding, string[] rooms)
    {
        if (IsShared && binding.Stage == BindingStage.Accepted)
            return ChangeRoomsAsync(binding, rooms, join: true);
        Join(binding, rooms);
        return Task.CompletedTask;
    }

    /// <inheritdoc cref="JoinAsync"/>
    public Task LeaveAsync(SessionBinding binding, string room)
    {
        if (IsShared && binding.Stage == BindingStage.Accepted)
            return ChangeRoomsAsync(binding, [room], join: false);
        Leave(binding, room);
        return Task.CompletedTask;
    }

    /// <summary>Sessions join rooms or leave them; for a local target those of this node, which the other nodes hear of as well.</summary>
    public Task ChangeRoomsAsync(BroadcastTarget target, string[] rooms, bool join) => ChangeRoomsAsync(new RoomsRecord(name, Meant(target), rooms, join));

    /// <summary>Sessions end, as in <see cref="ChangeRoomsAsync(BroadcastTarget, string[], bool)"/>.</summary>
    public Task KickAsync(BroadcastTarget target, bool close)
    {
        var record = new KickRecord(name, Meant(target), close);
        return _road!.AppendAsync(LogRecordKind.Kick, record.Write, () => _recovery!.Apply(record));
    }

    void IHomeSink.Take(EventRecord record)
    {
        var outgoing = events.Announce(record.Packet);
        Publish(new BroadcastTarget { Rooms = record.Rooms, Except = record.Except, Compress = record.Packet.Compress }, record.Packet, record.Bare, outgoing);
        if (outgoing is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static emitted => emitted.Tell(), outgoing, preferLocal: false);
    }

    void IHomeSink.Take(RoomsRecord record)
    {
        foreach (var session in _recovery!.Matching(_index, record.Target))
        {
            foreach (var room in record.Rooms)
            {
                if (record.Join)
                    Join(session, room);
                else
                    Leave(session, room);
            }
        }
        TellOfRoomsLater();
    }

    /// <summary>From this place on nothing reaches these sessions and nobody gets them. Their sockets are ended by another thread than the log's.</summary>
    void IHomeSink.Take(KickRecord record)
    {
        foreach (var session in _recovery!.Matching(_index, record.Target))
        {
            session.IsKicked = true;
            if (session.Replay is null)
                session.Outlet = null;
            ThreadPool.UnsafeQueueUserWorkItem(static kicked => kicked.Events.Kick(kicked.Session, kicked.Close), (Events: events, Session: session, record.Close), preferLocal: false);
        }
    }

    void IHomeSink.Detach(Session session)
    {
        session.Replay?.Stop();
        session.Replay = null;
        session.Outlet = null;
        EmptyLine(session);
        _recovery!.Sessions.Unpark(session);
        if (session.Holder is not { } holder)
            return;
        session.Holder = null;
        holder.Stage = BindingStage.Over;
        var lastAsked = server.LastAckId;
        ThreadPool.UnsafeQueueUserWorkItem(
            static lost =>
            {
                lost.Events.GiveWay(lost.Holder);
                lost.Holder.Session.Acks.FailUpTo(lost.LastAsked, new SocketDisconnectedException(DisconnectReason.TransportClose));
            },
            (Events: events, Holder: holder, LastAsked: lastAsked),
            preferLocal: false);
    }

    void IHomeSink.OnExpired(Session session, SessionExpiryReason reason)
    {
        session.Handlers.Add(() => events.OnExpiredAsync(session, reason));
        ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Handlers.Run(), session, preferLocal: false);
    }

    void IHomeSink.Lose(Session session)
    {
        if (session.Stage == SessionStage.Parked)
            ThreadPool.UnsafeQueueUserWorkItem(static lost => lost.Events.Kick(lost.Session, close: false), (Events: events, Session: session), preferLocal: false);
        else if (session.Outlet is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static outlet => outlet.Discard(CloseReason.TransportError, "the log has not taken what the client was promised"), Detach(session), preferLocal: false);
    }

    void IHomeSink.GiveUp(string why)
    {
        List<EngineSession> given = [];
        foreach (var session in _index.Sessions)
        {
            // What a client of Engine.IO 3 has missed it is never told.
            if (!session.IsEphemeral && session.Outlet is not null)
                given.Add(Detach(session));
        }
        if (given.Count > 0)
            _ = Task.Run(() => CloseInSlicesAsync(given, why));
    }

    private async Task CloseInSlicesAsync(List<EngineSession> given, string why)
    {
        foreach (var slice in given.Chunk(ClosingSlice))
        {
            foreach (var outlet in slice)
                outlet.Discard(CloseReason.TransportError, why);
            await Task.Delay(ClosingPause, server.Time);
        }
    }

    // Whoever listens to rooms must not hold up the log.
    private void TellOfRoomsLater()
    {
        if (_watch is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static adapter => adapter.TellOfRooms(), this, preferLocal: false);
    }

    private Task PublishAsync(SharedRoad road, BroadcastTarget target, EncodedPacket packet, EncodedPacket? bare, OutgoingEvent? outgoing) =>
        target.Volatile ? road.BehindAsync(() => Publish(target, packet, bare, outgoing))
        : target.Local ? road.BehindAsync(() => PublishHere(target, packet, bare, outgoing))
        : road.AppendAsync(LogRecordKind.Event, new EventRecord(name, target.Rooms, target.Except, packet, bare).Write, () => Publish(target, packet, bare, outgoing));

    /// <summary>Only to sockets of this node: it is in no log, so nobody gets it later, and it carries the position of the last event that is in one.</summary>
    private void PublishHere(BroadcastTarget target, EncodedPacket packet, EncodedPacket? bare, OutgoingEvent? outgoing)
    {
        List<EngineSession>? slow = null;
        lock (_gate)
        {
            _recovery!.Log.StampCursor(packet);
            var receivers = Select(target);
            Note(outgoing, receivers);
            foreach (var session in receivers)
            {
                // Behind a replay the position would go back.
                if (session.Replay is null)
                    Deliver(session, FormFor(session, packet, ref bare), ref slow);
            }
            Forget();
        }
        DropAll(slow);
    }

    private async Task ChangeRoomsAsync(SessionBinding binding, string[] rooms, bool join)
    {
        if (!binding.Session.IsEphemeral)
        {
            await ChangeRoomsAsync(new RoomsRecord(name, new SessionTarget(binding.Session.OwnRoom, []), rooms, join));
            return;
        }
        await _road!.BehindAsync(() =>
        {
            foreach (var room in rooms)
            {
                if (join)
                    Join(binding.Session, room);
                else
                    Leave(binding.Session, room);
            }
        });
        TellOfRooms();
    }

    private async Task ChangeRoomsAsync(RoomsRecord record)
    {
        await _road!.AppendAsync(LogRecordKind.Rooms, record.Write, () => _recovery!.Apply(record));
        TellOfRooms();
    }

    private SessionTarget Meant(BroadcastTarget target) => new(target.Rooms, target.Except, target.Local ? _road!.Log.NodeId : null);
}
