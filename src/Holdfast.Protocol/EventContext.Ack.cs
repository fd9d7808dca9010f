namespace Holdfast;

public sealed partial class EventContext
{
    /// <summary>Acknowledges the event. Without effect if the sender wants no acknowledgement or has one already.</summary>
    /// <remarks>For more than eight values there is <see cref="AckCoreAsync"/>. Thread-safe; only the first goes out.</remarks>
    /// <param name="cancellationToken">Ends the wait for room to send.</param>
    /// <returns>A task that ends when the acknowledgement is on its way.</returns>
    public Task AckAsync(CancellationToken cancellationToken = default) => SendAckAsync([], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(object? arg1, CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(object? arg1, object? arg2, object? arg3, CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(object? arg1, object? arg2, object? arg3, object? arg4, CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3, arg4], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5,
        CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3, arg4, arg5], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6,
        CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3, arg4, arg5, arg6], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7,
        CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3, arg4, arg5, arg6, arg7], cancellationToken);

    /// <inheritdoc cref="AckAsync(CancellationToken)"/>
    public Task AckAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7, object? arg8,
        CancellationToken cancellationToken = default) =>
        SendAckAsync([arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8], cancellationToken);

    /// <summary>Acknowledges the event with any number of values: each element of the array is one.</summary>
    /// <remarks>Without effect if the sender wants no acknowledgement or has one already.</remarks>
    /// <param name="arguments">The values.</param>
    /// <param name="cancellationToken">Ends the wait for room to send.</param>
    /// <returns>A task that ends when the acknowledgement is on its way.</returns>
    public Task AckCoreAsync(object?[] arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return SendAckAsync(arguments, cancellationToken);
    }
}
