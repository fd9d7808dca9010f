using Holdfast.Protocol;

namespace Holdfast;

/// <summary>Emits events to one peer and waits for its acknowledgement.</summary>
public abstract class AckEmitter : Emitter
{
    private protected AckEmitter()
    {
    }

    /// <summary>Emits an event and waits until the peer has acknowledged it.</summary>
    /// <remarks>For more than eight arguments there is <see cref="EmitWithAckCoreAsync{T}"/>.</remarks>
    /// <typeparam name="T">
    /// The type of the acknowledgement's first value; <see cref="EventArguments"/> gives all of them undecoded. A peer that acknowledges
    /// with nothing gives <c>null</c>.
    /// </typeparam>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="cancellationToken">Ends the wait. The event may arrive all the same.</param>
    /// <returns>What the peer acknowledged with.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the arguments can't be sent together.</exception>
    /// <exception cref="AckTimeoutException">The peer did not answer in the time that the caller set.</exception>
    /// <exception cref="SocketDisconnectedException">The socket was disconnected before the answer came.</exception>
    /// <exception cref="EventArgumentException">The answer does not have the type <typeparamref name="T"/>.</exception>
    public Task<T> EmitWithAckAsync<T>(string eventName, CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(string eventName, object? arg1, CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(string eventName, object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<T> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7, object? arg8,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8], cancellationToken);

    /// <summary>Emits an event with any number of arguments, each element of the array one, and waits for the acknowledgement.</summary>
    /// <typeparam name="T">The type of the acknowledgement's first value; <see cref="EventArguments"/> gives all of them.</typeparam>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the wait. The event may arrive all the same.</param>
    /// <returns>What the peer acknowledged with.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the arguments can't be sent together.</exception>
    public Task<T> EmitWithAckCoreAsync<T>(string eventName, object?[] arguments, CancellationToken cancellationToken = default)
    {
        EventName.ThrowIfNotEmittable(eventName);
        ArgumentNullException.ThrowIfNull(arguments);
        return Decode<T>(EmitArgumentsWithAckAsync(eventName, arguments, cancellationToken));
    }

    /// <summary>Encodes before it returns; the name has been checked.</summary>
    internal abstract Task<EventArguments> EmitArgumentsWithAckAsync(
        string eventName, object?[] arguments, CancellationToken cancellationToken);

    private static async Task<T> Decode<T>(Task<EventArguments> answer)
    {
        var arguments = await answer;
        return typeof(T) == typeof(EventArguments) ? (T)(object)arguments : arguments.Get<T>(0)!;
    }
}
