using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// What goes to one socket, when the log is shared. An event waits for room in its outbox first, and is then one to the room of its id, on whatever node that is by then. What has been appended
// and is still on its way counts as if it lay in the outbox already, and goes there when it comes: no connection is closed for want of room that its events have waited for.
internal sealed partial class Adapter
{
    private static readonly EncodedPacket Nothing = new(default, []);

    private Task SendInOrderAsync(SessionBinding binding, EncodedPacket packet, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        var session = binding.Session;
        WaitingAppend waiting;
        lock (_gate)
        {
            if (binding.Stage == BindingStage.Pending)
            {
                outgoing?.For(binding.Socket);
                binding.EmitLater(packet);
                return Task.CompletedTask;
            }
            if (binding.Stage == BindingStage.Refused || session.Stage == SessionStage.Ended)
                return Task.CompletedTask;
            if (session.IsEphemeral)
                return SendBehindAsync(binding, packet, outgoing, cancellationToken);
            if (session.Outlet is null)
                EmptyLine(session);
            if (session.Line is not { Count: > 0 } && HasRoom(session))
                return AppendAsync(session, packet, outgoing);
            waiting = StandInLine(session, packet, () => AppendAsync(session, packet, outgoing));
        }
        return waiting.WaitUntilAppendedAsync(cancellationToken);
    }

    /// <summary>Ends the session, behind all that was emitted to it.</summary>
    public Task EndAsync(SessionBinding binding, bool close)
    {
        var session = binding.Session;
        var target = BroadcastTarget.Everyone.To(session.Id);
        WaitingAppend waiting;
        lock (_gate)
        {
            if (session.Lease is null || session.Line is not { Count: > 0 } || session.Outlet is null)
                return KickAsync(target, close);
            waiting = StandInLine(session, Nothing, () => KickAsync(target, close));
        }
        return waiting.WaitUntilAppendedAsync(CancellationToken.None);
    }

    private async Task SendBehindAsync(SessionBinding binding, EncodedPacket packet, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        WaitingEmit? waiting = null;
        await _road!.BehindAsync(() =>
        {
            outgoing?.For(Receiver(binding));
            waiting = Send(binding.Session, packet);
        });
        if (waiting is not null)
            await waiting.WaitAsync(cancellationToken);
    }

    private async Task SendAsideBehindAsync(SessionBinding binding, EncodedPacket packet, long ackId, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        Task? sent = null;
        await _road!.BehindAsync(() => sent = SendAside(binding, packet, outgoing, cancellationToken));
        if (sent is not null)
            await sent;
        else
            binding.Session.Acks.TryFail(ackId, new SocketDisconnectedException(binding.Session.LastDisconnect));
    }

    /// <summary>Under the lock.</summary>
    private Task AppendAsync(Session session, EncodedPacket packet, OutgoingEvent? outgoing)
    {
        var lease = session.Lease!;
        var weight = EngineSession.WeightOf(packet);
        lease.OnItsWay += weight;
        var append = _road!.AppendAsync(LogRecordKind.Event, new EventRecord(name, session.OwnRoom, [], packet, null).Write, () =>
        {
            lease.OnItsWay -= weight;
            weight = 0;
            lease.HasPlace = true;
            Publish(new BroadcastTarget { Rooms = session.OwnRoom, Compress = packet.Compress }, packet, null, outgoing);
            lease.HasPlace = false;
            MoveLine(session);
        });
        if (!append.IsFaulted)
            return LandAsync();
        // At once: whoever has called goes on with the line.
        lease.OnItsWay -= weight;
        return append;

        async Task LandAsync()
        {
            try
            {
                await append;
            }
            catch
            {
                lock (_gate)
                {
                    lease.OnItsWay -= weight;
                    MoveLine(session);
                }
                throw;
            }
        }
    }

    private WaitingAppend StandInLine(Session session, EncodedPacket packet, Func<Task> append)
    {
        var waiting = new WaitingAppend(session, session.Outlet!, packet, append);
        (session.Line ??= new()).Enqueue(waiting);
        AwaitRoom(session);
        return waiting;
    }

    private static bool HasRoom(Session session) => session.Outlet is not { } outlet || session.Replay is not null || outlet.HasRoom(session.Lease!.OnItsWay);

    /// <summary>Under the lock: somebody will come by when there may be room. What is on its way does when it comes.</summary>
    private void AwaitRoom(Session session)
    {
        if (session.Lease!.OnItsWay > 0 || session.Lease.AwaitsDrain)
            return;
        session.Lease.AwaitsDrain = true;
        session.Outlet!.WhenRoom(new RoomWaiter(() =>
        {
            lock (_gate)
            {
                session.Lease.AwaitsDrain = false;
                MoveLine(session);
            }
        }));
    }

    /// <summary>Under the lock: those in line go on, in order, as long as there is room.</summary>
    private void MoveLine(Session session)
    {
        while (session.Line is { Count: > 0 } line)
        {
            if (!HasRoom(session))
            {
                AwaitRoom(session);
                return;
            }
            ((WaitingAppend)line.Dequeue()).GoOn();
        }
    }

    private sealed class RoomWaiter(Action moved) : OutboxWaiter
    {
        public override void Proceed() => moved();

        public override void Abandon() => moved();
    }
}
