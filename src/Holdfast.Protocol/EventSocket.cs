using Holdfast.Protocol;

namespace Holdfast;

/// <summary>A socket at either end: it emits events, asks for acknowledgements and listens.</summary>
/// <remarks>
/// <para>Handlers of one event run one after the other in the order of their registration, and the next event waits for them. The first
/// value that a handler returns is the acknowledgement, if the sender wants one; <c>null</c> counts. A handler without result acknowledges
/// by <see cref="EventContext.AckAsync(CancellationToken)"/>. An event without listeners is dropped.</para>
/// <para>Parameters are bound by position. A missing argument counts as <c>null</c>, further arguments are ignored. Parameters of type
/// <see cref="EventContext"/>, <see cref="EventArguments"/> (all arguments) and <see cref="CancellationToken"/> (cancelled when the
/// socket disconnects) take no argument. When an argument does not have the type of its parameter, the handler isn't called.</para>
/// <para>An exception ends the event, not the socket. Listening is thread-safe.</para>
/// </remarks>
public abstract partial class EventSocket : AckEmitter
{
    private readonly ListenerTable _listeners = new();

    private protected EventSocket()
    {
    }

    /// <summary>Removes all listeners of an event. None of them is called any more, not even for an event in progress.</summary>
    /// <param name="eventName">The event's name.</param>
    public void Off(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        _listeners.RemoveAll(eventName);
    }

    /// <summary>
    /// Removes all listeners of all events, as <see cref="Off(string)"/> does for one. Listeners to every event stay (<see cref="OffAny"/> and
    /// <see cref="OffAnyOutgoing"/> remove them), and so do those to the socket's own life.
    /// </summary>
    public void Off() => _listeners.RemoveAll();

    /// <summary>Whether anybody listens to this event. Catch-all listeners don't count.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <returns>Whether a handler would be called.</returns>
    public bool HasListeners(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        return _listeners.Find(eventName).Next() is not null;
    }

    /// <summary>What the arguments of its events are written and read with.</summary>
    internal abstract PacketParser Parser { get; }

    /// <summary>Whether events are still handled: what stood in line when the socket was disconnected is dropped.</summary>
    internal virtual bool IsOpen => true;

    /// <summary>Cancelled when the socket is disconnected for good.</summary>
    internal abstract CancellationToken Disconnected { get; }

    /// <summary>Encodes before it returns; what can't be encoded throws here. Then waits for room to send.</summary>
    internal abstract ValueTask SendAckAsync(long ackId, ReadOnlySpan<object?> arguments, CancellationToken cancellationToken);

    /// <summary>A scope for one event.</summary>
    /// <exception cref="InvalidOperationException">There are no services.</exception>
    internal abstract IServiceProvider OpenScope(out IAsyncDisposable? scope);

    /// <summary>A handler threw. Called once per event; must not throw.</summary>
    internal abstract void OnHandlerFailed(string eventName, Exception exception);

    /// <summary>The peer's arguments did not fit a handler, which therefore was not called. Must not throw.</summary>
    internal abstract void OnArgumentsRejected(string eventName, EventArgumentException exception);

    private Listener Listen(string eventName, Delegate handler, HandlerShape shape, bool once)
    {
        EventName.ThrowIfNotListenable(eventName);
        ArgumentNullException.ThrowIfNull(handler);
        return _listeners.Add(eventName, handler, shape, once);
    }

    /// <summary>An expression-bodied handler whose last call returns a ValueTask lands here; nobody would await it.</summary>
    private Listener ListenForResult<TResult>(string eventName, Delegate handler, HandlerShape shape, bool once)
    {
        var isValueTask = typeof(TResult) == typeof(ValueTask)
            || (typeof(TResult).IsGenericType && typeof(TResult).GetGenericTypeDefinition() == typeof(ValueTask<>));
        return isValueTask || typeof(Task).IsAssignableFrom(typeof(TResult))
            ? throw new ArgumentException(
                $"A handler can't return {typeof(TResult).Name}: return Task or Task<T>. An async lambda does, and AsTask() converts.",
                nameof(handler))
            : Listen(eventName, handler, shape, once);
    }
}
