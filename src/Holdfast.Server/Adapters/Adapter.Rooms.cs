using Holdfast.Recovery;

namespace Holdfast.Adapters;

// What the application sees of the rooms. Those of the sockets' own ids are not stored, and count all the same.
internal sealed partial class Adapter
{
    private volatile RoomWatch? _watch;

    /// <summary>Who is told of changes; null: nobody, and nothing is noted.</summary>
    public RoomWatch? Watch
    {
        get => _watch;
        set => _watch = value;
    }

    public string[] RoomNames()
    {
        lock (_gate)
            return [.. _index.Sessions.Select(session => session.Id).Union(_index.RoomNames, StringComparer.Ordinal)];
    }

    public string[] MembersOf(string room)
    {
        lock (_gate)
        {
            var members = new List<string>();
            if (_index.TryGetSession(room, out var own))
                members.Add(own.Id);
            foreach (var member in _index.Members(room))
                members.Add(member.Session.Id);
            return [.. members];
        }
    }

    public int RoomSize(string room)
    {
        lock (_gate)
            return _index.Members(room).Length + (_index.TryGetSession(room, out _) ? 1 : 0);
    }

    /// <summary>The matching sockets that are connected at this moment, with their rooms.</summary>
    public List<(EventSocket Socket, string[] Rooms)> Connected(BroadcastTarget target)
    {
        var connected = new List<(EventSocket, string[])>();
        lock (_gate)
        {
            foreach (var session in Select(target))
            {
                if (session.Holder is { } holder)
                    connected.Add((holder.Socket, RoomsOf(session)));
            }
            Forget();
        }
        return connected;
    }

    /// <summary>Outside of all locks: tells of what has changed.</summary>
    public void TellOfRooms() => _watch?.Tell(_gate);

    // Under the lock, after a session has joined.
    private void NoteJoined(RoomWatch watch, string room, Session session)
    {
        if (IsAlone(room, session))
            watch.Note(RoomChange.Created, room, "");
        watch.Note(RoomChange.Joined, room, session.Id);
    }

    // Under the lock, after a session has left.
    private void NoteLeft(RoomWatch watch, string room, Session session)
    {
        watch.Note(RoomChange.Left, room, session.Id);
        if (_index.Members(room).IsEmpty && !_index.TryGetSession(room, out _))
            watch.Note(RoomChange.Deleted, room, "");
    }

    // Nobody else is in the room: neither as a member nor because it is theirs.
    private bool IsAlone(string room, Session session) =>
        room == session.Id ? _index.Members(room).IsEmpty : _index.Members(room).Length == 1 && !_index.TryGetSession(room, out _);
}
