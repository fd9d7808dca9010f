namespace Holdfast.Recovery.Files;

/// <summary>A record that is on its way into the log, and the task of whoever waits for it.</summary>
internal sealed class PendingAppend(LogRecordKind kind, ReadOnlyMemory<byte> payload) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public LogRecordKind Kind => kind;

    public ReadOnlyMemory<byte> Payload => payload;

    public int Size => RecordFormat.HeadSize + payload.Length;

    /// <summary>Its number among those of its node; given anew each time it is written.</summary>
    public long Counter { get; set; }

    public void Fail(string reason, bool outcomeUnknown = false)
    {
        if (TrySetException(new RecoveryUnavailableException(reason, outcomeUnknown)))
            _ = Task.Exception; // whoever does not wait for it does not want to know
    }
}
