using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    /// <summary>
    /// Runs the handlers of a received event. The task ends when all have finished and never fails. While they complete synchronously so
    /// does this, and allocates the context only; without listeners it allocates nothing.
    /// </summary>
    internal virtual ValueTask DispatchAsync(in Packet packet)
    {
        if (_front is { IsEmpty: false } front)
        {
            return DispatchThroughAsync(front, packet);
        }

        var matches = _listeners.Find(packet.EventName!);
        var first = matches.Next();
        if (first is null)
        {
            return default;
        }

        var context = new EventContext(this, packet);
        ValueTask running = default;
        try
        {
            running = CallAsync(first, matches, context);
        }
        catch (Exception exception)
        {
            Report(context, exception);
        }

        if (!running.IsCompletedSuccessfully)
        {
            return FinishAsync(running, context);
        }

        var end = context.EndAsync();
        return end.IsCompletedSuccessfully ? default : EndAsync(context, end);
    }

    /// <summary>Calls the handlers of an event, and fails as they do: at once, or by the task.</summary>
    internal ValueTask CallHandlersAsync(EventContext context)
    {
        var matches = _listeners.Find(context.EventName);
        return CallAsync(matches.Next(), matches, context);
    }

    private static ValueTask CallAsync(Listener? first, ListenerTable.Matches matches, EventContext context)
    {
        for (var listener = first; listener is not null; listener = matches.Next())
        {
            if (!listener.TryEnter())
            {
                continue;
            }

            var running = listener.InvokeAsync(context);
            if (!running.IsCompletedSuccessfully)
            {
                return CallRestAsync(running, matches, context);
            }
        }

        return default;
    }

    private static async ValueTask CallRestAsync(ValueTask running, ListenerTable.Matches matches, EventContext context)
    {
        await running;
        while (matches.Next() is { } listener)
        {
            if (listener.TryEnter())
            {
                await listener.InvokeAsync(context);
            }
        }
    }

    private async ValueTask FinishAsync(ValueTask running, EventContext context)
    {
        try
        {
            await running;
        }
        catch (Exception exception)
        {
            Report(context, exception);
        }

        await EndAsync(context, context.EndAsync());
    }

    private async ValueTask EndAsync(EventContext context, ValueTask end)
    {
        try
        {
            await end;
        }
        catch (Exception exception)
        {
            Report(context, exception); // a service failed in its DisposeAsync
        }
    }

    private void Report(EventContext context, Exception exception)
    {
        switch (exception)
        {
            case EventArgumentException rejected:
                OnArgumentsRejected(context.EventName, rejected);
                break;
            case var _ when IsCancellation(context, exception):
                break;
            default:
                OnHandlerFailed(context.EventName, exception);
                break;
        }
    }

    /// <summary>The socket is gone and the handler noticed: as it should be.</summary>
    private static bool IsCancellation(EventContext context, Exception exception) =>
        exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested;
}
