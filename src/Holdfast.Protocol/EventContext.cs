namespace Holdfast;

/// <summary>What a handler may want to know about the event that it handles, and how it answers.</summary>
/// <remarks>
/// A handler gets it by naming it as the type of a parameter. All handlers of one event share it. It is valid until the last of them has
/// finished; only <see cref="AckAsync(CancellationToken)"/> and its overloads may be called later.
/// </remarks>
public sealed partial class EventContext
{
    private readonly long _ackId;
    private string _eventName;
    private int _acknowledged;
    private bool _handled;
    private IServiceProvider? _services;
    private IAsyncDisposable? _scope;

    internal EventContext(EventSocket socket, in Packet packet)
    {
        Owner = socket;
        _eventName = packet.EventName!;
        Arguments = packet.Arguments;
        _ackId = packet.AckId;
    }

    /// <summary>The socket that the event came in on. Each end shows it as its own type, in a property named Socket.</summary>
    internal EventSocket Owner { get; }

    /// <summary>
    /// The event's name. A number on the wire is given by its text. A middleware may set it: then the handlers of that name are called.
    /// </summary>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public string EventName
    {
        get => _eventName;
        set
        {
            Protocol.EventName.ThrowIfNotListenable(value);
            _eventName = value;
        }
    }

    /// <summary>
    /// All arguments of the event, those included that the handler has no parameter for: as they came, or as somebody before has replaced
    /// them.
    /// </summary>
    public EventArguments Arguments { get; private set; }

    /// <summary>Whether the sender waits for an acknowledgement.</summary>
    public bool HasAck => _ackId != Packet.NoAck;

    /// <summary>Cancelled when the socket is disconnected.</summary>
    public CancellationToken CancellationToken => Owner.Disconnected;

    /// <summary>
    /// The services of a scope that belongs to this event: created on first use, disposed of when all handlers of the event have
    /// finished. Not thread-safe.
    /// </summary>
    /// <exception cref="InvalidOperationException">The socket was made without services, or the event's handlers have finished.</exception>
    public IServiceProvider Services => _services ??= _handled
        ? throw new InvalidOperationException("The event's handlers have finished and its services are disposed of.")
        : Owner.OpenScope(out _scope);

    /// <summary>One parameter of a handler. What is no argument of the event takes no position among them.</summary>
    internal T Next<T>(ref int position)
    {
        if (typeof(T) == typeof(EventContext))
        {
            return (T)(object)this;
        }

        if (typeof(T) == typeof(EventArguments))
        {
            return (T)(object)Arguments;
        }

        return typeof(T) == typeof(CancellationToken) ? (T)(object)CancellationToken : Arguments.Get<T>(position++)!;
    }

    /// <summary>The result of a handler: it is the acknowledgement, if one is wanted and none has gone out.</summary>
    internal ValueTask ReplyAsync<T>(T result) => TryTakeAck() ? Owner.SendAckAsync(_ackId, [result], CancellationToken) : default;

    internal ValueTask ReplyAsync<T>(Task<T> result)
    {
        return result.IsCompletedSuccessfully ? ReplyAsync(result.Result) : Wait(this, result);

        static async ValueTask Wait(EventContext context, Task<T> result) => await context.ReplyAsync(await result);
    }

    /// <summary>Called once, after the last handler.</summary>
    internal ValueTask EndAsync()
    {
        _handled = true;
        _services = null;
        return _scope is null ? default : Close(_scope);

        // So that an exception comes with the task, however DisposeAsync throws it.
        static async ValueTask Close(IAsyncDisposable scope) => await scope.DisposeAsync();
    }

    private async Task SendAckAsync(object?[] arguments, CancellationToken cancellationToken)
    {
        if (TryTakeAck())
        {
            await Owner.SendAckAsync(_ackId, arguments, cancellationToken);
        }
    }

    /// <summary>Only the first acknowledgement goes out, whoever sends it.</summary>
    private bool TryTakeAck() => HasAck && Interlocked.Exchange(ref _acknowledged, 1) == 0;
}
