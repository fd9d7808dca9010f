using Holdfast.Protocol;

namespace Holdfast;

// What stands before the handlers of an event, and what hears of failures.
public sealed partial class ServerSocket
{
    private HandlerList<Func<Exception, Task>>? _errorListeners;

    /// <summary>
    /// Adds a middleware for the events that this socket receives: it runs for each of them, in the order of registration, after the catch-all listeners and before the handlers.
    /// It passes the event on by calling <c>next</c>, whose task ends when all that comes after has finished, and ends the event by not calling it. It may change the arguments
    /// (<see cref="EventContext.ReplaceArguments"/>) and answer (<see cref="EventContext.AckAsync(CancellationToken)"/>).
    /// </summary>
    /// <remarks>
    /// An exception ends the event and goes to <see cref="OnError(Action{Exception})"/>; when nobody listens there, it is logged like a handler's. What a handler throws passes through the
    /// task of <c>next</c>: a middleware may answer for it, and what none of them catches is logged. Middlewares belong to this object: after a recovery the connection handler adds them anew.
    /// </remarks>
    /// <param name="middleware">What to call.</param>
    /// <returns>This socket.</returns>
    public ServerSocket Use(Func<EventContext, Func<Task>, Task> middleware)
    {
        Front.Use(middleware);
        return this;
    }

    /// <summary>
    /// Listens to failures: of the socket's middlewares, and a <see cref="ProtocolException"/> when the client sends what can't be decoded, before the socket is disconnected with
    /// <c>forced close</c>. In order with the event handlers. An event that a client calls <c>error</c> is an event like others and does not come here.
    /// </summary>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    public IDisposable OnError(Action<Exception> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnError(exception =>
        {
            handler(exception);
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc cref="OnError(Action{Exception})"/>
    public IDisposable OnError(Func<Exception, Task> handler)
    {
        if (_errorListeners is null)
            Interlocked.CompareExchange(ref _errorListeners, new HandlerList<Func<Exception, Task>>(), null);
        return _errorListeners.Append(handler);
    }

    internal override PacketParser Parser => Namespace.Parser;

    internal override async ValueTask<bool> TryTellErrorAsync(Exception exception)
    {
        if (_errorListeners is not { IsEmpty: false } listeners)
            return false;
        foreach (var entry in listeners.Entries)
        {
            try
            {
                if (!entry.IsEnded)
                    await entry.Handler(exception);
            }
            catch (Exception failure)
            {
                OnHandlerFailed("error", failure);
            }
        }
        return true;
    }
}
