namespace Holdfast.Protocol;

/// <summary>One question that waits for its acknowledgement. Exactly one of the two methods is called, once, outside of locks.</summary>
internal abstract class PendingAck
{
    public abstract void Complete(EventArguments arguments);

    public abstract void Fail(Exception exception);
}

/// <summary>The usual question: somebody awaits the answer, perhaps with a time limit or a token.</summary>
internal sealed class AwaitedAck(PendingAcks owner, long id) : PendingAck
{
    // Continuations must not run on the read loop, which would let one slow caller hold up the connection.
    private readonly TaskCompletionSource<EventArguments> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private CancellationTokenRegistration _cancellation;
    private ITimer? _timer;
    private bool _ended;

    /// <summary>Whether it ends by itself when the time is up; set before the question can be seen by others.</summary>
    public bool HasLimit { get; init; }

    public Task<EventArguments> Task => _answer.Task;

    /// <summary>Starts after the question is in the table, so that a limit of zero or a cancelled token finds it there.</summary>
    public void Watch(TimeProvider time, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var timer = timeout is { } limit
            ? time.CreateTimer(static state => ((AwaitedAck)state!).TimeOut(), this, limit, Timeout.InfiniteTimeSpan)
            : null;
        var cancellation = cancellationToken.CanBeCanceled
            ? cancellationToken.Register(() => Take()?.Cancel(cancellationToken))
            : default;
        lock (_gate)
        {
            // The answer may have come in between: then nobody would dispose of these.
            if (!_ended)
            {
                (_timer, _cancellation) = (timer, cancellation);
                return;
            }
        }

        timer?.Dispose();
        cancellation.Dispose();
    }

    public override void Complete(EventArguments arguments)
    {
        StopWatching();
        _answer.TrySetResult(arguments);
    }

    public override void Fail(Exception exception)
    {
        StopWatching();
        _answer.TrySetException(exception);
    }

    /// <summary>Whoever takes it out of the table decides how it ends; all others come too late.</summary>
    private AwaitedAck? Take() => owner.TryRemove(id, this) ? this : null;

    private void TimeOut() => Take()?.Fail(new AckTimeoutException());

    private void Cancel(CancellationToken cancellationToken)
    {
        StopWatching();
        _answer.TrySetCanceled(cancellationToken);
    }

    private void StopWatching()
    {
        ITimer? timer;
        CancellationTokenRegistration cancellation;
        lock (_gate)
        {
            _ended = true;
            (timer, cancellation) = (_timer, _cancellation);
            (_timer, _cancellation) = (null, default);
        }

        timer?.Dispose();
#if NETSTANDARD2_1
        cancellation.Dispose();
#else
        cancellation.Unregister(); // unlike Dispose it doesn't wait for a callback that is running, which may be our own caller
#endif
    }
}
