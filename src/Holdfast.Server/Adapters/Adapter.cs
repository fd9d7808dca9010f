using System.Runtime.InteropServices;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

/// <summary>
/// The one road of everything that a namespace sends. An emit is encoded once, outside the lock; under the lock it takes its place in the order of the namespace and goes
/// into the outbox of every receiver, so all receivers see all events in one order, and whoever joins or leaves does so between two events and never in the middle of one.
/// A log of events stands under this road: an entry is appended in the same step in which it is fanned out.
/// Nothing is sent under the lock: an outbox only takes a reference, its own transport writes later.
/// </summary>
internal sealed class Adapter(SlowConsumerPolicy slowConsumers, SocketsMeter meter)
{
    private readonly Lock _gate = new();
    private readonly RoomIndex _index = new();
    private Session[] _receivers = new Session[16];
    private int _receiverCount;
    private long _broadcasts;

    public int SessionCount
    {
        get
        {
            lock (_gate)
                return _index.Sessions.Count;
        }
    }

    public int RoomCount
    {
        get
        {
            lock (_gate)
                return _index.RoomCount;
        }
    }

    /// <summary>
    /// Brings a session to life: its CONNECT goes out first, then what was emitted to it while it was connecting, then it is in the rooms that it joined meanwhile.
    /// False: it ended meanwhile, or its outbox has no room even for that.
    /// </summary>
    public bool Attach(Session session, EngineSession outlet, EncodedPacket connect)
    {
        lock (_gate)
        {
            if (session.Stage != SessionStage.Connecting || !outlet.TrySend(connect))
                return false;
            session.Stage = SessionStage.Live;
            session.Outlet = outlet;
            _index.Add(session);
            foreach (var room in session.Connecting!.Rooms)
                _index.Join(session, room);
            foreach (var packet in session.Connecting.Emits)
                _ = outlet.SendAsync(packet, CancellationToken.None);
            session.Connecting = null;
            return true;
        }
    }

    /// <summary>Takes a session out of all rooms, for good.</summary>
    public void End(Session session)
    {
        lock (_gate)
        {
            if (session.Stage == SessionStage.Ended)
                return;
            session.LastRooms = RoomsOf(session);
            session.Stage = SessionStage.Ended;
            session.Outlet = null;
            session.Connecting = null;
            _index.Remove(session);
        }
    }

    public void Join(Session session, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms)
            {
                if (session.Stage == SessionStage.Live)
                    _index.Join(session, room);
                else if (room != session.Id)
                    session.Connecting?.Rooms.Add(room);
            }
        }
    }

    public void Leave(Session session, string room)
    {
        lock (_gate)
        {
            _index.Leave(session, room);
            session.Connecting?.Rooms.Remove(room);
        }
    }

    public string[] Rooms(Session session)
    {
        lock (_gate)
            return RoomsOf(session);
    }

    /// <summary>To one session. Completes when the event is in its outbox: at once if there is room, else in line behind those that wait already.</summary>
    public Task SendAsync(Session session, EncodedPacket packet, CancellationToken cancellationToken)
    {
        EngineSession? outlet;
        lock (_gate)
        {
            outlet = session.Outlet;
            if (outlet is null)
            {
                // A middleware must not wait for what only its own end brings about.
                session.Connecting?.Emits.Add(packet);
                return Task.CompletedTask;
            }
        }
        return outlet.SendAsync(packet, cancellationToken);
    }

    public void SendVolatile(Session session, EncodedPacket packet)
    {
        lock (_gate)
            session.Outlet?.TrySendVolatile(packet);
    }

    /// <summary>To all who match. Waits for nobody.</summary>
    public void Publish(BroadcastTarget target, EncodedPacket packet)
    {
        List<EngineSession>? slow = null;
        lock (_gate)
        {
            foreach (var session in Select(target))
                Deliver(session, packet, target.Volatile, ref slow);
            Forget();
        }
        DropSlow(slow);
    }

    /// <summary>As <see cref="Publish"/>, for an event that is answered: <paramref name="answers"/> collects the answers of all receivers.</summary>
    public void PublishWithAck(BroadcastTarget target, EncodedPacket packet, BroadcastAnswers answers)
    {
        List<EngineSession>? slow = null;
        lock (_gate)
        {
            foreach (var session in Select(target))
            {
                // First the question, then the packet: an answer never comes before its question is known.
                answers.Ask(session.Acks);
                Deliver(session, packet, target.Volatile, ref slow);
            }
            Forget();
        }
        answers.Close();
        DropSlow(slow);
    }

    /// <summary>The sessions that match, at this moment.</summary>
    public Session[] Match(BroadcastTarget target)
    {
        lock (_gate)
        {
            var matched = Select(target).ToArray();
            Forget();
            return matched;
        }
    }

    private static void Deliver(Session session, EncodedPacket packet, bool isVolatile, ref List<EngineSession>? slow)
    {
        if (session.Outlet is not { } outlet)
            return;
        if (isVolatile)
            outlet.TrySendVolatile(packet);
        else if (!outlet.TrySend(packet))
            (slow ??= []).Add(outlet);
    }

    private void DropSlow(List<EngineSession>? slow)
    {
        // Not under the lock: closing a connection runs code of the layers above.
        foreach (var outlet in CollectionsMarshal.AsSpan(slow))
        {
            if (slowConsumers == SlowConsumerPolicy.Disconnect)
                outlet.Discard(CloseReason.TransportError, "the outbox is full");
            else
                meter.Dropped();
        }
    }

    /// <summary>
    /// Gathers the receivers in an array that is kept for the next broadcast. Those to be left out are marked as visited first: then the union of the rooms needs no set.
    /// </summary>
    private Span<Session> Select(BroadcastTarget target)
    {
        var broadcast = ++_broadcasts;
        foreach (var room in target.Except)
        {
            foreach (var member in _index.Members(room))
                member.Session.Visited = broadcast;
            if (_index.TryGetSession(room, out var own))
                own.Visited = broadcast;
        }

        if (target.Rooms.Length == 0)
        {
            foreach (var session in _index.Sessions)
                Visit(session, broadcast);
        }
        foreach (var room in target.Rooms)
        {
            foreach (var member in _index.Members(room))
                Visit(member.Session, broadcast);
            if (_index.TryGetSession(room, out var own))
                Visit(own, broadcast);
        }
        return _receivers.AsSpan(0, _receiverCount);
    }

    private void Visit(Session session, long broadcast)
    {
        if (session.Visited == broadcast)
            return;
        session.Visited = broadcast;
        if (_receiverCount == _receivers.Length)
            Array.Resize(ref _receivers, _receiverCount * 2);
        _receivers[_receiverCount++] = session;
    }

    // The array is kept, the sessions in it are not.
    private void Forget()
    {
        Array.Clear(_receivers, 0, _receiverCount);
        _receiverCount = 0;
    }

    private static string[] RoomsOf(Session session) => session.Stage == SessionStage.Ended
        ? session.LastRooms
        : [session.Id, .. session.Connecting?.Rooms ?? (IEnumerable<string>)session.Memberships.Keys];
}
