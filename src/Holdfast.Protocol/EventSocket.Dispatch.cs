using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    /// <summary>Whether anybody listens to this event.</summary>
    internal bool HasListener(string eventName) => _listeners.Find(eventName).Next() is not null;

    /// <summary>
    /// Runs the handlers of a received event. The task ends when all have finished and never fails. While they complete synchronously so
    /// does this, and allocates the context only; without listeners it allocates nothing.
    /// </summary>
    internal ValueTask DispatchAsync(in Packet packet)
    {
        var matches = _listeners.Find(packet.EventName!);
        var first = matches.Next();
        if (first is null)
        {
            return default;
        }

        var context = new EventContext(this, packet);
        for (var listener = first; listener is not null; listener = matches.Next())
        {
            ValueTask running;
            try
            {
                if (!listener.TryEnter())
                {
                    continue;
                }

                running = listener.InvokeAsync(context);
            }
            catch (Exception exception)
            {
                Report(context, exception);
                break;
            }

            if (!running.IsCompletedSuccessfully)
            {
                return FinishAsync(running, matches, context);
            }
        }

        var end = context.EndAsync();
        return end.IsCompletedSuccessfully ? default : EndAsync(context, end);
    }

    private async ValueTask FinishAsync(ValueTask running, ListenerTable.Matches matches, EventContext context)
    {
        try
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
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
                break; // the socket is gone and the handler noticed: as it should be
            default:
                OnHandlerFailed(context.EventName, exception);
                break;
        }
    }
}
