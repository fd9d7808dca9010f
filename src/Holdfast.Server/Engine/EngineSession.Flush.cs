namespace Holdfast.Engine;

/// <summary>
/// Waiting until what was sent has left. A waiter counts the packets that stand between it and its goal, those being written first; what is queued later stands behind it, and a ping, which goes before everything queued,
/// puts it one further back.
/// </summary>
internal sealed partial class EngineSession
{
    private List<FlushWaiter>? _flushWaiters;
    private int _beingWritten;

    /// <summary>
    /// Completes when everything that was sent before has been handed to the network: true. False: the session closed first. Sends that still stand in line for room count as sent before.
    /// </summary>
    public Task<bool> WaitForFlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new FlushWaiter(this);
        bool inLine;
        lock (_gate)
        {
            inLine = _line is { Count: > 0 } && State < SessionState.Closing;
            if (!inLine)
            {
                Register(waiter);
            }
        }

        if (inLine)
        {
            WhenRoom(waiter);
        }

        return waiter.Task.IsCompleted ? waiter.Task : waiter.WaitAsync(cancellationToken);
    }

    private void Register(FlushWaiter waiter)
    {
        if (State == SessionState.Closed)
        {
            waiter.TrySetResult(false);
            return;
        }

        waiter.Remaining = _beingWritten + _outbox.Count;
        if (!waiter.TryComplete())
        {
            (_flushWaiters ??= []).Add(waiter);
        }
    }

    /// <summary>Under the gate: a packet is put before all that are queued.</summary>
    private void OnPutFirst()
    {
        if (_flushWaiters is null)
        {
            return;
        }

        foreach (var waiter in _flushWaiters)
        {
            // One whose packets are all being written waits for nothing that is queued.
            if (waiter.Remaining > _beingWritten)
            {
                waiter.Remaining++;
            }
        }
    }

    /// <summary>Under the gate: that many packets have left.</summary>
    private void OnWritten(int count)
    {
        _beingWritten -= count;
        if (_flushWaiters is { Count: > 0 } waiters)
        {
            foreach (var waiter in waiters)
            {
                waiter.Remaining -= count;
            }

            waiters.RemoveAll(static waiter => waiter.TryComplete());
        }
    }

    /// <summary>Under the gate, when the session has closed.</summary>
    private void FailFlushWaiters()
    {
        if (_flushWaiters is { } waiters)
        {
            foreach (var waiter in waiters)
            {
                waiter.TrySetResult(false);
            }

            waiters.Clear();
        }
    }

    private sealed class FlushWaiter(EngineSession session) : OutboxWaiter
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Remaining { get; set; }

        public Task<bool> Task => _done.Task;

        public void TrySetResult(bool flushed) => _done.TrySetResult(flushed);

        /// <summary>One whose wait was cancelled is done, too, and leaves the list with the next packets.</summary>
        public bool TryComplete() => Task.IsCompleted || (Remaining <= 0 && _done.TrySetResult(true));

        public async Task<bool> WaitAsync(CancellationToken cancellationToken)
        {
            using var registration = cancellationToken.UnsafeRegister(static (self, token) => ((FlushWaiter)self!)._done.TrySetCanceled(token), this);
            return await Task;
        }

        public override void Proceed()
        {
            lock (session._gate)
            {
                session.Register(this);
            }
        }

        // Those before it in line were dropped.
        public override void Abandon() => TrySetResult(false);
    }
}
