using Microsoft.Extensions.Logging;

namespace Holdfast.Diagnostics;

/// <summary>What the sockets layer logs. The peer's faults are Debug: nobody can fill a log from outside. Ids 200 to 299.</summary>
internal static partial class SocketsLog
{
    [LoggerMessage(200, LogLevel.Debug, "A connection from {Address}: a packet that can't be decoded: {Reason}. The connection is closed.")]
    public static partial void MalformedPacket(this ILogger log, string address, string reason);

    [LoggerMessage(201, LogLevel.Debug, "A connection from {Address}: {What}. The connection is closed.")]
    public static partial void ProtocolViolation(this ILogger log, string address, string what);

    [LoggerMessage(202, LogLevel.Debug, "A connection from {Address}: a second CONNECT to {Namespace} while the first one is pending is ignored.")]
    public static partial void RepeatedConnect(this ILogger log, string address, string @namespace);

    [LoggerMessage(203, LogLevel.Debug, "A connection from {Address}: no namespace was joined in time. The connection is closed.")]
    public static partial void JoinedNothing(this ILogger log, string address);

    [LoggerMessage(204, LogLevel.Debug, "Socket {SocketId} of {Namespace} is closed: {Reason} {Description}")]
    public static partial void SocketClosed(this ILogger log, string @namespace, string socketId, DisconnectReason reason, string? description);

    [LoggerMessage(205, LogLevel.Debug, "Namespace {Namespace}: the arguments of the event {EventName} do not fit its handler: {Reason}")]
    public static partial void UnfitArguments(this ILogger log, string @namespace, string eventName, string reason);

    [LoggerMessage(302, LogLevel.Debug, "A client is not let into the namespace {Namespace}: the log of connection state recovery can't take its session.")]
    public static partial void NotAdmitted(this ILogger log, Exception failure, string @namespace);

    [LoggerMessage(300, LogLevel.Debug, "Socket {SocketId} of {Namespace} is back: {Outcome} {Reason}, {Missed} missed events.")]
    public static partial void Resumed(this ILogger log, string @namespace, string socketId, RecoveryOutcome outcome, RecoveryReason reason, int missed);

    [LoggerMessage(301, LogLevel.Warning, "Namespace {Namespace}: a client came back with an offset that is not Holdfast's, so that events may be lost to it. Does the application send a key named offset in auth? This is said once.")]
    public static partial void ForeignOffset(this ILogger log, string @namespace);

    [LoggerMessage(207, LogLevel.Warning, "The pattern {Pattern} took too long for the name of a namespace, which is no match then. Write it without lookarounds and backreferences. This is said once.")]
    public static partial void SlowPattern(this ILogger log, string pattern);

    [LoggerMessage(208, LogLevel.Warning, "There are {Count} child namespaces, and clients make no more of them. Turn CleanupEmptyChildNamespaces on, or raise MaxChildNamespaces. This is said once.")]
    public static partial void TooManyNamespaces(this ILogger log, int count);

    [LoggerMessage(206, LogLevel.Error, "Namespace {Namespace}: the handler of {EventName} failed.")]
    public static partial void HandlerFailed(this ILogger log, Exception failure, string @namespace, string eventName);
}
