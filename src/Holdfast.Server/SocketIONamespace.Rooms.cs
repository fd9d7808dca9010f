using Holdfast.Adapters;
using Holdfast.Diagnostics;

namespace Holdfast;

// What can be seen of the rooms of a namespace.
public sealed partial class SocketIONamespace
{
    /// <summary>
    /// The names of all rooms that have members at this moment, in no particular order; the room of each socket's own id is one of them. A snapshot. A client that is away and may come back
    /// (connection state recovery) stays a member.
    /// </summary>
    public IReadOnlyCollection<string> RoomNames => Adapter.RoomNames();

    /// <summary>The ids of a room's members at this moment; empty when there is no such room. A snapshot. Those whose clients are away are among them; <c>In(room).FetchSocketsAsync()</c> leaves them out.</summary>
    public IReadOnlyCollection<string> MembersOf(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return Adapter.MembersOf(room);
    }

    /// <summary>How many members a room has at this moment; zero when there is no such room.</summary>
    public int RoomSize(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return Adapter.RoomSize(room);
    }

    /// <summary>
    /// Adds a handler for rooms that get their first member. Handlers of room events run one at a time and in the order in which the rooms changed, right after the change and before
    /// the call that made it returns, unless another thread is telling of a change at that moment: then that thread goes on with this one. So a handler should be short. It may join and leave rooms.
    /// The room of a socket's own id counts: it is made when the socket connects. A client that is away and may come back stays in its rooms, so that its leaving is told when its session is over,
    /// and nothing is when it comes back. When nobody listens, nothing is noted.
    /// </summary>
    public SocketIONamespace OnCreateRoom(Action<string> handler) => WatchRooms(RoomChange.Created, Unnamed(handler));

    /// <summary>Adds a handler for sockets that join a room: its name and the socket's id. See <see cref="OnCreateRoom"/>, which comes before for the first member.</summary>
    public SocketIONamespace OnJoinRoom(Action<string, string> handler) => WatchRooms(RoomChange.Joined, handler);

    /// <summary>Adds a handler for sockets that leave a room, by themselves or because they are over: its name and the socket's id. See <see cref="OnCreateRoom"/>.</summary>
    public SocketIONamespace OnLeaveRoom(Action<string, string> handler) => WatchRooms(RoomChange.Left, handler);

    /// <summary>Adds a handler for rooms whose last member has left. See <see cref="OnCreateRoom"/>.</summary>
    public SocketIONamespace OnDeleteRoom(Action<string> handler) => WatchRooms(RoomChange.Deleted, Unnamed(handler));

    private void OnRoomHandlerFailed(Exception failure, string what) => Server.Log.HandlerFailed(failure, Name, what);

    private static Action<string, string> Unnamed(Action<string> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (room, _) => handler(room);
    }

    private SocketIONamespace WatchRooms(RoomChange change, Action<string, string> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_registration)
        {
            var watch = Adapter.Watch ?? new RoomWatch(OnRoomHandlerFailed);
            watch.Add(change, handler);
            Adapter.Watch = watch;
        }
        return this;
    }
}
