using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    private OutgoingLine? _outgoing;

    /// <summary>Listens to every event that is emitted to this socket alone or to many, with its name and its arguments as they were given.</summary>
    /// <remarks>
    /// Listeners are called one event at a time, in the order in which the events were emitted, by whoever emits. An event counts when it
    /// is emitted: also one that is volatile and then given up. Acknowledgements are no events, and neither is what a client gets again after
    /// it was away. An exception is logged and harms neither the event nor its receivers. What another server
    /// of a cluster has emitted comes with its arguments as <see cref="EventArgument"/>.
    /// </remarks>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    public IDisposable OnAnyOutgoing(Action<string, IReadOnlyList<object?>> handler) => OutgoingListeners.Append(Completing(handler));

    /// <inheritdoc cref="OnAnyOutgoing(Action{string, IReadOnlyList{object?}})"/>
    /// <remarks>An asynchronous listener is not waited for: neither the emit nor the next event is held up.</remarks>
    public IDisposable OnAnyOutgoing(Func<string, IReadOnlyList<object?>, Task> handler) => OutgoingListeners.Append(handler);

    /// <summary>As <see cref="OnAnyOutgoing(Action{string, IReadOnlyList{object?}})"/>, but before all listeners that are there already.</summary>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    public IDisposable PrependAnyOutgoing(Action<string, IReadOnlyList<object?>> handler) => OutgoingListeners.Prepend(Completing(handler));

    /// <inheritdoc cref="PrependAnyOutgoing(Action{string, IReadOnlyList{object?}})"/>
    /// <remarks>An asynchronous listener is not waited for: neither the emit nor the next event is held up.</remarks>
    public IDisposable PrependAnyOutgoing(Func<string, IReadOnlyList<object?>, Task> handler) => OutgoingListeners.Prepend(handler);

    /// <summary>Removes all listeners to every event that goes out. None of them is called any more.</summary>
    public void OffAnyOutgoing() => _outgoing?.Listeners.Clear();

    /// <summary>Null: nobody has ever listened to what goes out.</summary>
    internal OutgoingLine? Outgoing => Volatile.Read(ref _outgoing);

    internal bool HasOutgoingListeners => Outgoing is { Listeners.IsEmpty: false };

    /// <summary>Somebody listens to what goes out, or nobody does any more.</summary>
    internal virtual void OnOutgoingListenersChanged()
    {
    }

    private HandlerList<Func<string, IReadOnlyList<object?>, Task>> OutgoingListeners
    {
        get
        {
            if (_outgoing is null)
            {
                Interlocked.CompareExchange(ref _outgoing, new OutgoingLine(this), null);
            }

            return _outgoing.Listeners;
        }
    }

    private static Func<string, IReadOnlyList<object?>, Task> Completing(Action<string, IReadOnlyList<object?>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (name, arguments) =>
        {
            handler(name, arguments);
            return Task.CompletedTask;
        };
    }
}
