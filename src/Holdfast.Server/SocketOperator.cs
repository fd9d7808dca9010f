using Holdfast.Adapters;

namespace Holdfast;

/// <summary>One socket with a way to send: made by <c>Volatile</c> and <c>Timeout</c> on a socket. Immutable and thread safe: each call returns a new one.</summary>
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

    /// <summary>How long <c>EmitWithAckAsync</c> waits for the answer; zero is valid.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public SocketOperator Timeout(TimeSpan timeout) => new(_socket, _flags with { Timeout = AckTimeouts.Checked(timeout) });

    /// <summary>The members of a room but this socket, sent in the same way.</summary>
    public BroadcastOperator To(string room) => Broadcast.To(room);

    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        _socket.EmitAsync(eventName, arguments, _flags, cancellationToken);

    internal override Task<EventArguments> EmitArgumentsWithAckAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        _socket.EmitWithAckAsync(eventName, arguments, _flags, cancellationToken);
}
