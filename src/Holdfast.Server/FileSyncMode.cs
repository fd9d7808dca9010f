namespace Holdfast;

/// <summary>
/// When what was written to the files of connection state recovery is forced onto the disk. None of it matters for the end of a process, <c>kill -9</c> included: only for a machine that stops
/// without having written down what it has in memory, such as after a loss of power.
/// </summary>
public enum FileSyncMode : byte
{
    /// <summary>When the system gets round to it. After a loss of power the last half minute may be missing.</summary>
    Never,

    /// <summary>Every <see cref="FileRecoveryOptions.SyncInterval"/>. After a loss of power no more than that is missing.</summary>
    Interval,

    /// <summary>
    /// Before anybody hears of it: before an emit, a join or the answer to a CONNECT completes, and before an event goes to any client. One sync serves all that was written since the last one. After a
    /// loss of power nothing is missing, unless the disk has refused to write it: then the operation has thrown, and clients that come back are told that something may be missing.
    /// </summary>
    Always,
}
