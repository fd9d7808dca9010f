using Holdfast.Protocol;

namespace Holdfast;

/// <summary>Emits events: a socket to its peer, an operator to the sockets that it names.</summary>
/// <remarks>
/// <para>Arguments are serialised before the call returns, by their run-time types; objects may be changed afterwards. Binary values
/// (<c>byte[]</c>, <c>ReadOnlyMemory&lt;byte&gt;</c>, <c>Memory&lt;byte&gt;</c>, <c>ArraySegment&lt;byte&gt;</c>) may stand anywhere inside
/// and travel as binary, ten at most in one event. NaN and Infinity are no JSON and throw.</para>
/// <para>An array given as one argument is one argument. The cancellation token is no argument: it ends the wait for room to send.
/// Thread-safe; events of one caller keep their order.</para>
/// </remarks>
public abstract partial class Emitter
{
    private protected Emitter()
    {
    }

    /// <summary>Emits an event.</summary>
    /// <remarks>For more than eight arguments there is <see cref="EmitCoreAsync"/>.</remarks>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way, not when it has arrived.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the arguments can't be sent together.</exception>
    public Task EmitAsync(string eventName, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(string eventName, object? arg1, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(string eventName, object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(string eventName, object? arg1, object? arg2, object? arg3, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3, arg4], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3, arg4, arg5], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3, arg4, arg5, arg6], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7], cancellationToken);

    /// <inheritdoc cref="EmitAsync(string, CancellationToken)"/>
    public Task EmitAsync(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7, object? arg8,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8], cancellationToken);

    /// <summary>Emits a typed event.</summary>
    /// <typeparam name="T">The type of the event's argument, by whose contract it is serialised.</typeparam>
    /// <param name="socketEvent">The event.</param>
    /// <param name="value">Its argument.</param>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way, not when it has arrived.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the argument can't be sent.</exception>
    public Task EmitAsync<T>(SocketEvent<T> socketEvent, T value, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(socketEvent.Name, [DeclaredArgument.Of(value)], cancellationToken);

    /// <summary>Emits an event with any number of arguments: each element of the array is one.</summary>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way, not when it has arrived.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the arguments can't be sent together.</exception>
    public Task EmitCoreAsync(string eventName, object?[] arguments, CancellationToken cancellationToken = default)
    {
        EventName.ThrowIfNotEmittable(eventName);
        ArgumentNullException.ThrowIfNull(arguments);
        return EmitArgumentsAsync(eventName, arguments, cancellationToken);
    }

    /// <summary>Encodes before it returns; the name has been checked.</summary>
    internal abstract Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken);
}
