namespace Holdfast.Protocol;

/// <summary>What received events pass before the handlers of their name. Most sockets have none of it.</summary>
internal sealed class EventFront
{
    private readonly object _gate = new();
    private Func<EventContext, Func<Task>, Task>[] _middlewares = [];

    public HandlerList<Func<EventContext, Task>> CatchAlls { get; } = new();

    /// <summary>The middlewares as they are now, in their order.</summary>
    public Func<EventContext, Func<Task>, Task>[] Middlewares => Volatile.Read(ref _middlewares);

    public bool IsEmpty => CatchAlls.IsEmpty && Middlewares.Length == 0;

    public void Use(Func<EventContext, Func<Task>, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_gate)
        {
            Volatile.Write(ref _middlewares, [.. _middlewares, middleware]);
        }
    }
}
