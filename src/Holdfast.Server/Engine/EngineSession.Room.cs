namespace Holdfast.Engine;

/// <summary>
/// Back-pressure. Whoever finds the outbox full may stand in line; as bytes leave, those in line proceed in order, and no one else gets in before them.
/// </summary>
internal sealed partial class EngineSession
{
    /// <summary>What a packet costs beside its bytes, roughly: a client that asks for many of the smallest and reads none is bounded, too.</summary>
    private const int LeastWeight = 128;

    private Queue<OutboxWaiter>? _line;
    private List<DrainWaiter>? _drainWaiters;
    private bool _lineMoves;
    private int _turnOfThread;

    /// <summary>How many bytes are queued or being written.</summary>
    internal int UnsentBytes => _unsentBytes;

    /// <summary>Under the gate.</summary>
    private bool IsFull => Weight >= _server.Options.OutboxLimit;

    /// <summary>Under the gate: what is unsent, as the bound counts it.</summary>
    internal long Weight => Math.Max(_unsentBytes, (long)LeastWeight * (_outbox.Count + _beingWritten));

    /// <summary>Under the gate. The one whose turn it is still heads the line while it sends; it is known by its thread.</summary>
    private bool LineIsClosedToCaller => _line is { Count: > 0 } && _turnOfThread != Environment.CurrentManagedThreadId;

    /// <summary>What a packet counts in the outbox.</summary>
    public static int WeightOf(EncodedPacket packet) => WeightOf(packet.Size);

    /// <summary>The same for one of so many bytes.</summary>
    public static int WeightOf(int bytes) => Math.Max(bytes, LeastWeight);

    /// <summary>Whether the caller's packet would be taken if so much had been sent before it.</summary>
    public bool HasRoom(long before)
    {
        lock (_gate)
        {
            return State >= SessionState.Closing || (Weight + before < _server.Options.OutboxLimit && !LineIsClosedToCaller);
        }
    }

    /// <summary>
    /// Stands in line for room in the outbox. The waiter's method may be called before this one returns, but never on this thread: the caller may hold a lock.
    /// </summary>
    public void WhenRoom(OutboxWaiter waiter)
    {
        lock (_gate)
        {
            if (State < SessionState.Closing)
            {
                (_line ??= new()).Enqueue(waiter);
                if (CanMoveLine)
                {
                    _lineMoves = true;
                    ThreadPool.UnsafeQueueUserWorkItem(static session => session.MoveLine(), this, preferLocal: false);
                }

                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static w => w.Abandon(), waiter, preferLocal: false);
    }

    /// <summary>Completes when the packet is in the outbox: at once if there is room, else in line behind those who wait already. After the session has closed it is dropped.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the packet waited; it is not sent.</exception>
    public Task SendAsync(EncodedPacket packet, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        if (TrySend(packet))
        {
            return Task.CompletedTask;
        }

        var waiting = new WaitingSend(this, packet);
        WhenRoom(waiting);
        return waiting.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when at most <paramref name="belowBytes"/> bytes are unsent and there is room for more, or the session has closed.</summary>
    public ValueTask WaitForDrainAsync(int belowBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DrainWaiter waiter;
        lock (_gate)
        {
            if ((_unsentBytes <= belowBytes && !IsFull) || State == SessionState.Closed)
            {
                return ValueTask.CompletedTask;
            }

            waiter = new DrainWaiter(belowBytes);
            (_drainWaiters ??= []).Add(waiter);
        }

        return new ValueTask(waiter.WaitAsync(cancellationToken));
    }

    /// <summary>A batch has left: its bytes are free again. Called outside the gate, by the one who wrote it.</summary>
    internal void Sent(ReadOnlySpan<EncodedPacket> batch)
    {
        var bytes = 0;
        foreach (var packet in batch)
        {
            bytes += packet.Size;
        }

        _server.Meter.Sent(batch.Length, bytes);
        bool isDrained;
        bool movesLine;
        lock (_gate)
        {
            _unsentBytes -= bytes;
            _hasLeft = true;
            OnWritten(batch.Length);
            if (!IsFull)
            {
                _drainWaiters?.RemoveAll(waiter => waiter.TryComplete(_unsentBytes));
            }

            isDrained = _unsentBytes == 0;
            movesLine = CanMoveLine;
            _lineMoves |= movesLine;
        }

        if (isDrained)
        {
            _listeners?.OnDrain();
        }

        if (movesLine)
        {
            MoveLine();
        }
    }

    private bool CanMoveLine => !_lineMoves && _line is { Count: > 0 } && !IsFull && State < SessionState.Closing;

    /// <summary>Run by one thread at a time, which <c>_lineMoves</c> says; the head leaves the line only after its turn, so that no one slips in between.</summary>
    private void MoveLine()
    {
        while (true)
        {
            OutboxWaiter head;
            lock (_gate)
            {
                _lineMoves = false;
                if (!CanMoveLine)
                {
                    return;
                }

                _lineMoves = true;
                head = _line!.Peek();
                _turnOfThread = Environment.CurrentManagedThreadId;
            }

            head.Proceed();
            lock (_gate)
            {
                _turnOfThread = 0;

                // A session that closed during the turn has taken the others out of the line and left the head to us.
                _line!.Dequeue();
            }
        }
    }

    /// <summary>Under the gate, once, when the session closes or begins to: everyone in line but the one whose turn it is.</summary>
    private OutboxWaiter[] LeaveLine()
    {
        if (_line is not { Count: > 0 })
        {
            return [];
        }

        var turn = _lineMoves && _turnOfThread != 0 ? _line.Dequeue() : null;
        OutboxWaiter[] rest = [.. _line];
        _line.Clear();
        if (turn is not null)
        {
            _line.Enqueue(turn);
        }

        return rest;
    }

    private void CompleteDrainWaiters()
    {
        _drainWaiters?.RemoveAll(static waiter => waiter.TryComplete(0));
    }

    private sealed class DrainWaiter(int belowBytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool TryComplete(int unsentBytes)
        {
            // One whose wait was cancelled is done, too, and leaves the list with the next bytes.
            return Task.IsCompleted || (unsentBytes <= belowBytes && TrySetResult());
        }

        public async Task WaitAsync(CancellationToken cancellationToken)
        {
            using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((DrainWaiter)state!).TrySetCanceled(token), this);
            await Task;
        }
    }
}
