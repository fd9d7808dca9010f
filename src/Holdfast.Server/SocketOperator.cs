using Holdfast.Adapters;

namespace Holdfast;

/// <summary>One socket with a way to send: made by <c>Volatile</c>, <c>Timeout</c> and <c>Compress</c> on a socket. Immutable and thread safe: each call returns a new one.</summary>
public sealed class SocketOperator : AckEmitter
{
    private readonly ServerSocket _socket;
    private readonly BroadcastTarget _flags;

    internal SocketOperator(ServerSocket socket, BroadcastTarget flags)
    {
        _socket = socket;
        _flags = flags;
    }

    /// <summary>What is emitted may be lost: it is sent only if the connection is ready to write at this moment.</summary>
    public SocketOperator Volatile => new(_socket, _flags with { Volatile = true });

    /// <summary>Everyone in the namespace but this socket, sent in the same way.</summary>
    public BroadcastOperator Broadcast => _socket.Others(_flags);

    /// <summary>Everyone on this node but this socket, sent in the same way.</summary>
    public BroadcastOperator Local => Broadcast.Local;

    /// <summary>How long <c>EmitWithAckAsync</c> waits for the answer; zero is valid.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than 24 days.</exception>
    public SocketOperator Timeout(TimeSpan timeout) => new(_socket, _flags with { Timeout = AckTimeouts.Checked(timeout) });

    /// <summary>Whether the connection may compress what is emitted, if it compresses at all.</summary>
    public SocketOperator Compress(bool compress) => new(_socket, _flags with { Compress = compress });

    /// <summary>The members of a room but this socket, sent in the same way.</summary>
    public BroadcastOperator To(string room) => Broadcast.To(room);

    /// <summary>The members of these rooms but this socket, each once, sent in the same way.</summary>
    public BroadcastOperator To(IEnumerable<string> rooms) => Broadcast.To(rooms);

    /// <summary>The same as <see cref="To(string)"/>.</summary>
    public BroadcastOperator In(string room) => To(room);

    /// <summary>The same as <see cref="To(IEnumerable{string})"/>.</summary>
    public BroadcastOperator In(IEnumerable<string> rooms) => To(rooms);

    /// <summary>Everyone in the namespace but this socket and the members of a room, sent in the same way.</summary>
    public BroadcastOperator Except(string room) => Broadcast.Except(room);

    /// <summary>Everyone in the namespace but this socket and the members of these rooms, sent in the same way.</summary>
    public BroadcastOperator Except(IEnumerable<string> rooms) => Broadcast.Except(rooms);

    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        _socket.EmitAsync(eventName, arguments, _flags, cancellationToken);

    internal override Task<EventArguments> EmitArgumentsWithAckAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        _socket.EmitWithAckAsync(eventName, arguments, _flags, cancellationToken);
}
