using Holdfast.Recovery;

namespace Holdfast.Adapters;

// Whom a broadcast is for.
internal sealed partial class Adapter
{
    private Session[] _receivers = new Session[16];
    private int _receiverCount;
    private long _broadcasts;

    /// <summary>The sessions that match, at this moment, those that wait for their clients among them.</summary>
    public Session[] Match(BroadcastTarget target)
    {
        lock (_gate)
        {
            var matched = Select(target).ToArray();
            Forget();
            return matched;
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
}
