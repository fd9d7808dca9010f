using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    private EventFront? _front;

    /// <summary>Listens to every event that comes in, whatever its name: <see cref="EventContext.EventName"/> tells it.</summary>
    /// <remarks>
    /// Catch-all listeners run before the handlers of the event, and on a server before the socket's middlewares, in the order of the list;
    /// each is awaited. They see events that nobody else listens to. What they do is no acknowledgement, but they may send one. An exception
    /// ends the event.
    /// </remarks>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    public IDisposable OnAny(Action<EventContext> handler) => Front.CatchAlls.Append(Completing(handler));

    /// <inheritdoc cref="OnAny(Action{EventContext})"/>
    public IDisposable OnAny(Func<EventContext, Task> handler) => Front.CatchAlls.Append(handler);

    /// <summary>As <see cref="OnAny(Action{EventContext})"/>, but before all listeners that are there already.</summary>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    public IDisposable PrependAny(Action<EventContext> handler) => Front.CatchAlls.Prepend(Completing(handler));

    /// <inheritdoc cref="PrependAny(Action{EventContext})"/>
    public IDisposable PrependAny(Func<EventContext, Task> handler) => Front.CatchAlls.Prepend(handler);

    /// <summary>Removes all listeners to every event that comes in. None of them is called any more.</summary>
    public void OffAny() => _front?.CatchAlls.Clear();

    /// <summary>Made when the first one needs it: most sockets pass their events straight to the handlers.</summary>
    internal EventFront Front
    {
        get
        {
            if (_front is null)
            {
                Interlocked.CompareExchange(ref _front, new EventFront(), null);
            }

            return _front;
        }
    }

    /// <summary>A middleware failed. False: nobody wants to hear of it, and it is reported like a handler's failure.</summary>
    internal virtual ValueTask<bool> TryTellErrorAsync(Exception exception) => default;

    /// <summary>The long way of an event: past the catch-all listeners, through the middlewares. The task never fails.</summary>
    private async ValueTask DispatchThroughAsync(EventFront front, Packet packet)
    {
        var context = new EventContext(this, packet);
        MiddlewareRun? run = null;
        try
        {
            foreach (var entry in front.CatchAlls.Entries)
            {
                if (!entry.IsEnded)
                {
                    await entry.Handler(context);
                }
            }

            // One of them may have disconnected the socket.
            if (IsOpen)
            {
                var middlewares = front.Middlewares;
                run = middlewares.Length > 0 ? new MiddlewareRun(this, context, middlewares) : null;
                await (run?.RunAsync() ?? CallHandlersAsync(context).AsTask());
            }
        }
        catch (Exception exception)
        {
            if (run is null || exception == run.HandlerFailure || IsCancellation(context, exception) || !await TryTellErrorAsync(exception))
            {
                Report(context, exception);
            }
        }

        await EndAsync(context, context.EndAsync());
    }

    private static Func<EventContext, Task> Completing(Action<EventContext> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return context =>
        {
            handler(context);
            return Task.CompletedTask;
        };
    }
}
