namespace Holdfast.Recovery.Files;

// The end: a clean one is a promise to the next start that nothing is missing, if everybody who was there keeps it.
internal sealed partial class FileLog
{
    private void Stop()
    {
        Drain();
        try
        {
            _segments.Sync();
            _queue.AddOwn(new PendingAppend(LogRecordKind.NodeStop, LogLife.WriteNodeStop(_presence.Others().Select(other => other.Node))));
            Drain();
            _sync?.Dispose();
            _segment.Sync();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Then it is not a clean one, and the next start begins an epoch.
        }
    }

    /// <summary>Until everything that was appended is in the log or has failed.</summary>
    private void Drain()
    {
        while (Step() || _queue.HasWaiting)
        {
        }
    }

    private void Close()
    {
        List<TaskCompletionSource> barriers;
        lock (_gate)
        {
            _stopping = true;
            barriers = [.. _barriers];
        }
        var reason = _failure ?? Ended;
        _started.TrySetException(new RecoveryUnavailableException(reason)); // unless it had come that far
        foreach (var barrier in barriers.Concat(_waitingForEnd))
            barrier.TrySetException(new RecoveryUnavailableException(reason));
        _queue.Close(reason);
        _queue.FailWritten(reason);
        _queue.FailWaiting(reason);
        _sync?.Dispose();
        _segment?.Dispose();
        _nudge?.Dispose();
        try
        {
            _presence?.Dispose();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The files of a node that is gone are removed by the others, and its lock ends with the process at the latest.
        }
    }
}
