namespace Holdfast.Protocol;

/// <summary>
/// The listeners of one socket to what goes out, and the events that they are still to be told of, in the order in which these were
/// emitted. Whoever emits tells them, unless somebody else does at this moment; so they are called one event at a time.
/// </summary>
internal sealed class OutgoingLine(EventSocket socket)
{
    private readonly object _gate = new();
    private readonly Queue<OutgoingEvent> _line = new();
    private bool _running;

    public HandlerList<Func<string, IReadOnlyList<object?>, Task>> Listeners { get; } = new(socket.OnOutgoingListenersChanged);

    public void Add(OutgoingEvent outgoing)
    {
        lock (_gate)
        {
            _line.Enqueue(outgoing);
        }
    }

    public void Run()
    {
        lock (_gate)
        {
            if (_running)
            {
                return;
            }

            _running = true;
        }

        while (TryNext(out var outgoing))
        {
            if (outgoing.Known is not { } known)
            {
                continue;
            }

            foreach (var entry in Listeners.Entries)
            {
                if (!entry.IsEnded)
                {
                    Call(entry.Handler, known);
                }
            }
        }
    }

    private bool TryNext(out OutgoingEvent outgoing)
    {
        lock (_gate)
        {
            _running = _line.TryDequeue(out outgoing!);
            return _running;
        }
    }

    private void Call(Func<string, IReadOnlyList<object?>, Task> listener, OutgoingEvent outgoing)
    {
        try
        {
            var running = listener(outgoing.Name, outgoing.Arguments);
            if (!running.IsCompletedSuccessfully)
            {
                _ = WatchAsync(running, outgoing.Name);
            }
        }
        catch (Exception exception)
        {
            socket.OnHandlerFailed(outgoing.Name, exception);
        }
    }

    private async Task WatchAsync(Task running, string eventName)
    {
        try
        {
            await running;
        }
        catch (Exception exception)
        {
            socket.OnHandlerFailed(eventName, exception);
        }
    }
}
