using System.Runtime.InteropServices;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// What is sent, to one and to many. An event without ack that is not volatile goes through the log; whatever does not carries the position of the last one that did.
internal sealed partial class Adapter
{
    /// <summary>What an event without ack is encoded with, so that its position can be written into it; null without recovery.</summary>
    public string? OffsetTemplate => _recovery?.Log.Offsets.Template;

    /// <summary>
    /// To one session. Completes when the event is in its outbox, at once if there is room, else in line behind those that wait already; for a session that is away, when it is in the log.
    /// </summary>
    public Task SendAsync(SessionBinding binding, EncodedPacket packet, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        if (IsShared)
            return SendInOrderAsync(binding, packet, outgoing, cancellationToken);
        WaitingEmit? waiting;
        lock (_gate)
        {
            outgoing?.For(Receiver(binding));
            if (binding.Stage == BindingStage.Pending)
            {
                // A middleware must not wait for what only its own end brings about.
                binding.EmitLater(packet);
                return Task.CompletedTask;
            }
            if (binding.Stage == BindingStage.Refused)
                return Task.CompletedTask;
            waiting = Send(binding.Session, packet);
        }
        return waiting is null ? Task.CompletedTask : waiting.WaitAsync(cancellationToken);
    }

    /// <param name="binding">Whose session.</param>
    /// <param name="packet">The event.</param>
    /// <param name="positioned">Whether it was encoded with <see cref="OffsetTemplate"/>; an event that wants an ack never is, nor one for an ephemeral session.</param>
    /// <param name="outgoing">The event for those who listen to what goes out: it counts even if it is given up now.</param>
    public Task SendVolatileAsync(SessionBinding binding, EncodedPacket packet, bool positioned, OutgoingEvent? outgoing)
    {
        if (_road is { } road)
            return SendVolatileAsync(road, binding, packet, positioned, outgoing);
        SendVolatile(binding, packet, positioned, outgoing);
        return Task.CompletedTask;
    }

    private Task SendVolatileAsync(SharedRoad road, SessionBinding binding, EncodedPacket packet, bool positioned, OutgoingEvent? outgoing) =>
        road.BehindAsync(() => SendVolatile(binding, packet, positioned, outgoing));

    private void SendVolatile(SessionBinding binding, EncodedPacket packet, bool positioned, OutgoingEvent? outgoing)
    {
        lock (_gate)
        {
            if (binding.Stage != BindingStage.Over)
                outgoing?.For(Receiver(binding));
            if (positioned)
                _recovery?.Log.StampCursor(packet);
            if (binding.Stage == BindingStage.Accepted)
                DeliverVolatile(binding.Session, packet);
        }
    }

    /// <summary>To one session, past the log: an event that wants an ack. Null: no connection serves the session.</summary>
    public Task? SendAsideAsync(SessionBinding binding, EncodedPacket packet, long ackId, OutgoingEvent? outgoing, CancellationToken cancellationToken) =>
        IsShared ? SendAsideBehindAsync(binding, packet, ackId, outgoing, cancellationToken) : SendAside(binding, packet, outgoing, cancellationToken);

    private Task? SendAside(SessionBinding binding, EncodedPacket packet, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        EngineSession slow;
        lock (_gate)
        {
            if (binding.Session.Holder != binding || binding.Session.Outlet is not { } outlet)
                return null;
            outgoing?.For(binding.Socket);
            if (binding.Session.Replay is not { } replay)
                return outlet.SendAsync(packet, cancellationToken);
            if (replay.TryHold(packet, server.Options.OutboxLimit))
                return Task.CompletedTask;
            slow = Detach(binding.Session);
        }
        Drop(slow);
        return null;
    }

    /// <summary>To all who match. Waits for nobody.</summary>
    /// <param name="target">Who they are.</param>
    /// <param name="packet">The event.</param>
    /// <param name="bare">The event without a position, see <see cref="NeedsBareForm"/>; null otherwise.</param>
    /// <param name="outgoing">The same for those among them who listen to what goes out; the caller tells them. Null: there are none.</param>
    public void Publish(BroadcastTarget target, EncodedPacket packet, EncodedPacket? bare, OutgoingEvent? outgoing)
    {
        List<EngineSession>? slow = null;
        lock (_gate)
        {
            if (target.Volatile)
            {
                _recovery?.Log.StampCursor(packet);
                var receivers = Select(target);
                Note(outgoing, receivers);
                foreach (var session in receivers)
                    DeliverVolatile(session, FormFor(session, packet, ref bare));
            }
            else
            {
                var receivers = Select(target);
                Note(outgoing, receivers);
                if (_recovery is not null && (receivers.Length > 0 || IsShared))
                {
                    // What was for nobody at this moment is owed to nobody later; but who knows that of all nodes.
                    _recovery.Log.StampNext(packet);
                    _recovery.Log.Append(_log, target.Rooms, target.Except, packet);
                }
                var position = Head;
                foreach (var session in receivers)
                {
                    session.LastAddressed = position;
                    if (session.Replay is null)
                        Deliver(session, FormFor(session, packet, ref bare), ref slow);
                }
            }
            Forget();
        }
        DropAll(slow);
    }

    /// <summary>Whether a broadcast is to bring the form for those who are told no positions: there may be some, and the parser is one that must not be asked under the lock.</summary>
    public bool NeedsBareForm { get; } = server.Recovery is not null && server.Options.AllowEIO3 && !server.Parser.CutsOffsets;

    /// <summary>All who get a broadcast share one packet; those who are told no positions share another, which is made when the first of them is met if nobody has brought it.</summary>
    private EncodedPacket FormFor(Session session, EncodedPacket packet, ref EncodedPacket? bare)
    {
        if (!session.IsEphemeral || _recovery is null)
            return packet;
        // What another node has sent to one socket comes without a bare form.
        return bare ??= server.Parser.CutsOffsets ? server.Parser.WithoutOffset(packet) : packet;
    }

    /// <summary>As <see cref="Publish"/>, for an event that all receivers are to answer. Those who are away are not asked.</summary>
    public void PublishWithAck(BroadcastTarget target, EncodedPacket packet, BroadcastQuestion question, OutgoingEvent? outgoing)
    {
        List<EngineSession>? slow = null;
        lock (_gate)
        {
            var receivers = Select(target);
            Note(outgoing, receivers);
            foreach (var session in receivers)
            {
                if (session.Outlet is null)
                    continue;
                // First the question, then the packet: an answer never comes before its question is known.
                question.Ask(session.Acks);
                if (target.Volatile)
                    DeliverVolatile(session, packet);
                else if (session.Replay is not { } replay)
                    Deliver(session, packet, ref slow);
                else if (!replay.TryHold(packet, server.Options.OutboxLimit))
                    (slow ??= []).Add(Detach(session));
            }
            Forget();
        }
        DropAll(slow);
    }

    /// <summary>Under the lock: who has the session; in a middleware the socket itself, because what it emits goes out with its CONNECT.</summary>
    private static EventSocket? Receiver(SessionBinding binding) => binding.Stage switch
    {
        BindingStage.Pending => binding.Socket,
        BindingStage.Refused => null,
        _ => binding.Session.Holder?.Socket,
    };

    /// <summary>Under the lock: the event has its place in the order now. Those who are away get it when they are back, and then it is no new one.</summary>
    private static void Note(OutgoingEvent? outgoing, ReadOnlySpan<Session> receivers)
    {
        if (outgoing is null)
            return;
        foreach (var session in receivers)
            outgoing.For(session.Holder?.Socket);
    }

    /// <summary>Under the lock. Null: the event is on its way, or in the log.</summary>
    private WaitingEmit? Send(Session session, EncodedPacket packet)
    {
        if (session.Stage == SessionStage.Ended)
            return null;
        if (session.Outlet is null)
            EmptyLine(session);
        if (session.Line is not { Count: > 0 } && TryTake(session, packet))
            return null;
        var waiting = new WaitingEmit(session, session.Outlet!, packet, TakeTurn);
        (session.Line ??= new()).Enqueue(waiting);
        session.Outlet!.WhenRoom(waiting);
        return waiting;
    }

    /// <summary>Under the lock: gives an event to one session its position, and to its outbox if one serves it. False: that one is full, and nothing has happened.</summary>
    private bool TryTake(Session session, EncodedPacket packet)
    {
        if (session.IsEphemeral)
            return session.Outlet is not { } only || only.TrySend(packet);
        _recovery?.Log.StampNext(packet);
        if (session.Outlet is { } outlet && session.Replay is null && !outlet.TrySend(packet))
            return false;
        _recovery?.Log.Append(_log, session.OwnRoom, [], packet);
        session.LastAddressed = Head;
        return true;
    }

    /// <summary>An emit that waited has room now, or its connection is lost: then all that wait for that one go into the log, in order.</summary>
    private void TakeTurn(WaitingEmit waiting, bool hasRoom)
    {
        EngineSession? slow = null;
        lock (_gate)
        {
            var session = waiting.Session;
            if (!hasRoom)
                EmptyLine(session);
            else if (session.Line!.TryPeek(out var head) && head == waiting)
            {
                session.Line.Dequeue();
                if (waiting.TryBegin())
                {
                    if (session.Stage == SessionStage.Ended)
                    {
                        // It still goes out before the farewell; its position must be none that an event of a later session will have.
                        if (!session.IsEphemeral)
                            _recovery?.Log.StampCursor(waiting.Packet);
                        waiting.Outlet.TrySend(waiting.Packet);
                    }
                    else if (!TryTake(session, waiting.Packet))
                    {
                        // A ping has taken the room meanwhile.
                        Append(session, waiting.Packet);
                        slow = Detach(session);
                    }
                }
            }
        }
        if (slow is not null)
            Drop(slow);
    }

    /// <summary>Under the lock: what waited for room in an outbox that is gone goes into the log, and to nobody if the session is over.</summary>
    private void EmptyLine(Session session)
    {
        while (session.Line is { Count: > 0 } line)
        {
            var waiting = line.Dequeue();
            if (waiting is WaitingAppend append)
                append.GoOn();
            else if (waiting.TryBegin() && session.Stage != SessionStage.Ended)
                Append(session, waiting.Packet);
        }
    }

    /// <summary>Under the lock: an event that no connection takes, for the session's next one.</summary>
    private void Append(Session session, EncodedPacket packet)
    {
        if (_recovery is null || session.IsEphemeral)
            return;
        _recovery.Log.StampNext(packet);
        _recovery.Log.Append(_log, session.OwnRoom, [], packet);
        session.LastAddressed = Head;
    }

    private void Deliver(Session session, EncodedPacket packet, ref List<EngineSession>? slow)
    {
        if (session.Outlet is not { } outlet || outlet.TrySend(packet))
            return;
        if (session.Lease is { HasPlace: true })
            outlet.Send(packet);
        else if (_slowConsumers == SlowConsumerPolicy.Drop)
            _meter.Dropped();
        else
            (slow ??= []).Add(Detach(session));
    }

    private void DeliverVolatile(Session session, EncodedPacket packet)
    {
        if (session.Outlet is { } outlet && (session.Replay is not null || !outlet.TrySendVolatile(packet)))
            _meter.VolatileDropped();
    }

    /// <summary>Under the lock: this connection gets nothing more for the session, so that nothing can follow what it missed. The caller closes it with <see cref="Drop"/>.</summary>
    private static EngineSession Detach(Session session)
    {
        var outlet = session.Outlet!;
        session.Outlet = null;
        session.Replay?.Stop();
        return outlet;
    }

    private static void DropAll(List<EngineSession>? slow)
    {
        foreach (var outlet in CollectionsMarshal.AsSpan(slow))
            Drop(outlet);
    }

    // On another thread: closing a connection runs what the application does when a client leaves, and whoever sends does not wait for that on account of one who reads too slowly.
    private static void Drop(EngineSession slow) =>
        ThreadPool.UnsafeQueueUserWorkItem(static outlet => outlet.Discard(CloseReason.TransportError, "the outbox is full"), slow, preferLocal: false);
}
