using Microsoft.Extensions.Logging;

namespace Holdfast.Diagnostics;

/// <summary>What connection state recovery logs of the storage below it. Ids 310 to 319.</summary>
internal static partial class RecoveryLog
{
    [LoggerMessage(310, LogLevel.Warning, "Connection state recovery has lost its log: {Problem} Clients stay connected; what has to go through the log fails until it works again.")]
    public static partial void LogLost(this ILogger log, string problem);

    [LoggerMessage(311, LogLevel.Information, "The log of connection state recovery works again.")]
    public static partial void LogBack(this ILogger log);

    [LoggerMessage(312, LogLevel.Warning, "The files of connection state recovery have reached {MaxBytes} bytes and hold no more than the last {Reach}, and MaxDisconnectionDuration is {Needed}: clients that come back later may not get what they missed. Raise MaxBytes. This is said once.")]
    public static partial void FilesTooSmall(this ILogger log, long maxBytes, TimeSpan reach, TimeSpan needed);

    [LoggerMessage(313, LogLevel.Warning, "The window of connection state recovery holds no more than the last {Reach}, and MaxDisconnectionDuration is {Needed}: clients that come back later may not get what they missed. Raise MaxMemoryBytes of FileRecoveryOptions, and MaxLogEntries. This is said once.")]
    public static partial void WindowTooSmall(this ILogger log, TimeSpan reach, TimeSpan needed);

    [LoggerMessage(314, LogLevel.Warning, "Connection state recovery can't read {Path} again: {Fault} Clients that still need what stands there are told that they have lost events.")]
    public static partial void RecordsLost(this ILogger log, string path, string fault);

    [LoggerMessage(316, LogLevel.Warning, "What a middleware of {Namespace} has emitted or joined could not be written behind the answer to CONNECT: {Problem} The session ends as soon as that can be written, and its client comes back to a new one.")]
    public static partial void WordBroken(this ILogger log, string @namespace, string problem);
}
