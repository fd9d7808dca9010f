using Holdfast.Adapters;

namespace Holdfast;

/// <summary>
/// What can send to many sockets: a server (to its namespace <c>/</c>), a namespace, all children of a <see cref="ParentNamespace"/>, or a choice of receivers within one of these.
/// All receivers see the events of one namespace in the same order, and a broadcast never waits for a receiver. All members are thread safe.
/// </summary>
public abstract partial class Broadcaster : Emitter
{
    private protected Broadcaster()
    {
    }

    /// <summary>Leaves away what can be lost: a receiver whose connection is not ready to write at this moment does not get the event.</summary>
    public BroadcastOperator Volatile => With(Target with { Volatile = true });

    /// <summary>Only the sockets of this node.</summary>
    public BroadcastOperator Local => With(Target with { Local = true });

    /// <summary>Whether a connection that compresses what it sends may compress these events; true without it. False saves the work for what is compressed already.</summary>
    public BroadcastOperator Compress(bool compress) => With(Target with { Compress = compress });

    internal abstract SocketIOServer Owner { get; }

    /// <summary>The namespaces that it reaches at this moment: one, or all children of a parent.</summary>
    internal abstract SocketIONamespace[] Reach { get; }

    private protected abstract BroadcastTarget Target { get; }

    /// <summary>Adds a room. The receivers are the union of all rooms, each socket once; a socket's id is the name of a room with this socket alone.</summary>
    public BroadcastOperator To(string room) => With(Target.To(room));

    /// <summary>Adds rooms. The receivers are the union of all rooms, each socket once.</summary>
    public BroadcastOperator To(IEnumerable<string> rooms) => With(Target.To(rooms));

    /// <summary>The same as <see cref="To(string)"/>.</summary>
    public BroadcastOperator In(string room) => To(room);

    /// <summary>The same as <see cref="To(IEnumerable{string})"/>.</summary>
    public BroadcastOperator In(IEnumerable<string> rooms) => To(rooms);

    /// <summary>Leaves out the members of a room; a socket's id leaves out this socket.</summary>
    public BroadcastOperator Except(string room) => With(Target.Without(room));

    /// <summary>Leaves out the members of these rooms.</summary>
    public BroadcastOperator Except(IEnumerable<string> rooms) => With(Target.Without(rooms));

    /// <summary>
    /// How long <c>EmitWithAckAsync</c> waits for the answers; zero is valid. Without it: <see cref="SocketIOOptions.AckTimeout"/>, else 5 seconds. And how long <c>FetchSocketsAsync</c> waits for
    /// other servers; without it 5 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than 24 days.</exception>
    public BroadcastOperator Timeout(TimeSpan timeout) => With(Target with { Timeout = AckTimeouts.Checked(timeout) });

    /// <summary>All matching sockets join these rooms, and so do those whose clients are away and may come back. Completes when they have.</summary>
    public Task SocketsJoinAsync(params IEnumerable<string> rooms)
    {
        string[] names = [.. rooms];
        return ForAllAsync(ns => ns.JoinAllAsync(Target, names));
    }

    /// <summary>All matching sockets leave these rooms, and so do those whose clients are away and may come back. Completes when they have.</summary>
    public Task SocketsLeaveAsync(params IEnumerable<string> rooms)
    {
        string[] names = [.. rooms];
        return ForAllAsync(ns => ns.LeaveAllAsync(Target, names));
    }

    /// <summary>Disconnects all matching sockets, as <see cref="ServerSocket.DisconnectAsync"/> does. A client that is away does not get its session back.</summary>
    /// <param name="close">Whether the connections below are closed too, with the sockets of all their namespaces.</param>
    public Task DisconnectSocketsAsync(bool close = false)
    {
        return ForAllAsync(ns => ns.DisconnectAllAsync(Target, close));
    }

    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reach = Reach;
        return reach.Length == 1 ? reach[0].PublishAsync(Target, eventName, arguments) : EmitToManyAsync(reach, Target, eventName, arguments);
    }

    // Static, so that an operator that is made for one emit and forgotten need not be put on the heap.
    private static Task EmitToManyAsync(SocketIONamespace[] reach, BroadcastTarget target, string eventName, object?[] arguments) =>
        Task.WhenAll(reach.Select(ns => ns.PublishAsync(target, eventName, arguments)));

    private Task ForAllAsync(Func<SocketIONamespace, Task> run)
    {
        var reach = Reach;
        return reach.Length == 1 ? run(reach[0]) : Task.WhenAll(reach.Select(run));
    }

    private protected virtual BroadcastOperator With(BroadcastTarget target) => new(this, target);
}
