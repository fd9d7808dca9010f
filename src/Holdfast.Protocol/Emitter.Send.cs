namespace Holdfast;

public abstract partial class Emitter
{
    /// <summary>The event that is sent when nobody names one.</summary>
    private const string Message = "message";

    /// <summary>Emits the event <c>message</c>.</summary>
    /// <remarks>For more than eight arguments there is <see cref="SendCoreAsync"/>.</remarks>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way, not when it has arrived.</returns>
    /// <exception cref="ArgumentException">The arguments can't be sent together.</exception>
    public Task SendAsync(CancellationToken cancellationToken = default) => EmitCoreAsync(Message, [], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(object? arg1, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(object? arg1, object? arg2, object? arg3, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(object? arg1, object? arg2, object? arg3, object? arg4, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3, arg4], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3, arg4, arg5], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3, arg4, arg5, arg6], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3, arg4, arg5, arg6, arg7], cancellationToken);

    /// <inheritdoc cref="SendAsync(CancellationToken)"/>
    public Task SendAsync(
        object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7, object? arg8,
        CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, [arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8], cancellationToken);

    /// <summary>Emits the event <c>message</c> with any number of arguments: each element of the array is one.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way, not when it has arrived.</returns>
    /// <exception cref="ArgumentException">The arguments can't be sent together.</exception>
    public Task SendCoreAsync(object?[] arguments, CancellationToken cancellationToken = default) =>
        EmitCoreAsync(Message, arguments, cancellationToken);
}
