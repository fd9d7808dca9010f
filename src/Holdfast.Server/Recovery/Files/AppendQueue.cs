namespace Holdfast.Recovery.Files;

/// <summary>What was appended and is not known to be in the log yet, in order: first what is written and has not been read back, then what waits to be written.</summary>
/// <param name="limit">In bytes, for all of it.</param>
internal sealed class AppendQueue(int limit)
{
    private readonly Lock _gate = new();
    private readonly Queue<PendingAppend> _waiting = new();
    private Queue<PendingAppend> _written = new(); // the log's thread only, like all that concerns it
    private Queue<PendingAppend> _again = new();
    private long _bytes;
    private string? _closed;

    public bool HasWaiting
    {
        get
        {
            lock (_gate)
                return _again.Count + _waiting.Count > 0;
        }
    }

    /// <summary>How many are written and have not been read back.</summary>
    public int WrittenCount => _written.Count;

    /// <summary>Thread-safe. False: it has failed at once.</summary>
    public bool Add(PendingAppend append)
    {
        string? reason;
        lock (_gate)
        {
            reason = _closed ?? (_bytes > 0 && _bytes + append.Size > limit ? $"More than {limit} bytes wait to be written to the log." : null);
            if (reason is null)
            {
                _bytes += append.Size;
                _waiting.Enqueue(append);
            }
        }
        if (reason is not null)
            append.Fail(reason);
        return reason is null;
    }

    /// <summary>From now on nothing more is taken from others. What is the log's own is.</summary>
    public void Close(string reason)
    {
        lock (_gate)
            _closed ??= reason;
    }

    /// <summary>Past the limit and past the end.</summary>
    public void AddOwn(PendingAppend append)
    {
        lock (_gate)
        {
            _bytes += append.Size;
            _waiting.Enqueue(append);
        }
    }

    /// <summary>Takes what is to be written next, as much as fits into so many bytes, but one record at least.</summary>
    public void Take(List<PendingAppend> batch, int bytes)
    {
        batch.Clear();
        lock (_gate)
        {
            while ((_again.TryPeek(out var next) || _waiting.TryPeek(out next)) && (batch.Count == 0 || next.Size <= bytes))
            {
                batch.Add((_again.Count > 0 ? _again : _waiting).Dequeue());
                bytes -= next.Size;
            }
        }
    }

    /// <summary>Its bytes are in the file.</summary>
    public void Written(PendingAppend append) => _written.Enqueue(append);

    /// <summary>What is written up to this number has been read back: it is in the log.</summary>
    public bool TryConfirm(long counter, out PendingAppend append)
    {
        if (!_written.TryPeek(out append!) || append.Counter > counter)
            return false;
        Forget(_written.Dequeue());
        return true;
    }

    /// <summary>What is written and was not read back stands behind the end of its segment: it is written again, before everything else.</summary>
    public void WriteAgain()
    {
        lock (_gate)
        {
            foreach (var append in _again)
                _written.Enqueue(append);
            (_again, _written) = (_written, _again);
            _written.Clear();
        }
    }

    /// <summary>Nobody can say whether what is written is in the log.</summary>
    public void FailWritten(string reason)
    {
        while (_written.TryDequeue(out var append))
            Fail(append, reason, outcomeUnknown: true);
    }

    public void FailWaiting(string reason)
    {
        while (true)
        {
            PendingAppend? append;
            lock (_gate)
            {
                if (!_again.TryDequeue(out append) && !_waiting.TryDequeue(out append))
                    return;
            }
            Fail(append, reason);
        }
    }

    public void Fail(PendingAppend append, string reason, bool outcomeUnknown = false)
    {
        Forget(append);
        append.Fail(reason, outcomeUnknown);
    }

    private void Forget(PendingAppend append)
    {
        lock (_gate)
            _bytes -= append.Size;
    }
}
