namespace Holdfast.Protocol;

/// <summary>Calls a handler with its arguments decoded from the context, and answers the event with its result.</summary>
internal delegate ValueTask HandlerShape(Delegate handler, EventContext context);

/// <summary>One registration. Disposing of it ends it: the handler isn't called any more, not even for an event in progress.</summary>
internal sealed class Listener(ListenerTable table, string eventName, Delegate handler, HandlerShape shape, bool once) : IDisposable
{
    private int _ended;

    public string EventName { get; } = eventName;

    public bool IsEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Whether the handler may be called now: for a listener to one event only, true exactly once.</summary>
    public bool TryEnter()
    {
        if (!once)
        {
            return !IsEnded;
        }

        if (!End())
        {
            return false;
        }

        table.Remove(this);
        return true;
    }

    public ValueTask InvokeAsync(EventContext context) => shape(handler, context);

    public void Dispose()
    {
        if (End())
        {
            table.Remove(this);
        }
    }

    /// <summary>False if it had ended before.</summary>
    public bool End() => Interlocked.Exchange(ref _ended, 1) == 0;
}
