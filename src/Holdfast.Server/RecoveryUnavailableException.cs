namespace Holdfast;

/// <summary>
/// The log of connection state recovery can't be opened, or can't take what is to be written to it: the disk is full, say. Thrown by the start of the host, and by what goes through the log
/// (<c>EmitAsync</c>, <c>JoinAsync</c>, <c>LeaveAsync</c>, <c>DisconnectSocketsAsync</c>, the acknowledgement of a handler that has changed the socket's data) when the log is shared or outlives the
/// process. Connections live on, and the log heals by itself when the cause is gone.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="outcomeUnknown">It may have happened all the same.</param>
/// <param name="innerException">What it follows from.</param>
public sealed class RecoveryUnavailableException(string message, bool outcomeUnknown = false, Exception? innerException = null) : IOException(message, innerException)
{
    /// <summary>
    /// False: it has not happened and never will, so that it may be tried again. True: nobody can say; it happens at most once, and who tries again may have it happen twice.
    /// </summary>
    public bool OutcomeUnknown => outcomeUnknown;
}
