namespace Holdfast.Protocol;

/// <summary>
/// One event on its way through the middlewares to its handlers. What <c>next</c> returns ends with everything that comes after, and fails
/// as it fails, so a middleware can measure, clean up, and answer for a handler that threw.
/// </summary>
internal sealed class MiddlewareRun(EventSocket socket, EventContext context, Func<EventContext, Func<Task>, Task>[] middlewares)
{
    private Task? _handlers;
    private int _entered;
    private volatile bool _isOver;

    /// <summary>What the handlers threw, to be told from what a middleware threw.</summary>
    public Exception? HandlerFailure { get; private set; }

    public async Task RunAsync()
    {
        try
        {
            await EnterAsync(0);

            // A middleware may call next and not wait for it; the event isn't over before its handlers are.
            if (_handlers is { IsCompleted: false } handlers)
            {
                await handlers;
            }
        }
        finally
        {
            _isOver = true;
        }
    }

    private Task EnterAsync(int index)
    {
        if (_isOver)
        {
            throw new InvalidOperationException("A middleware called next after its event was over. Await what has to come before, and return its task.");
        }

        if (Interlocked.CompareExchange(ref _entered, index + 1, index) != index)
        {
            throw new InvalidOperationException("A middleware called next twice for one event.");
        }

        return index < middlewares.Length ? middlewares[index](context, () => EnterAsync(index + 1)) : HandleAsync();
    }

    /// <summary>A handler that fails at once throws here, so that its failure is not lost on a middleware that ignores the task.</summary>
    private Task HandleAsync()
    {
        // The socket may have been disconnected meanwhile; then nothing more is handled.
        if (!socket.IsOpen)
        {
            return Task.CompletedTask;
        }

        try
        {
            var running = socket.CallHandlersAsync(context);
            if (!running.IsCompleted)
            {
                return _handlers = WaitAsync(running);
            }

            running.GetAwaiter().GetResult();
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            HandlerFailure = exception;
            throw;
        }
    }

    private async Task WaitAsync(ValueTask running)
    {
        try
        {
            await running;
        }
        catch (Exception exception)
        {
            HandlerFailure = exception;
            throw;
        }
    }
}
