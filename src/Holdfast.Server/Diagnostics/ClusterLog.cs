using Microsoft.Extensions.Logging;

namespace Holdfast.Diagnostics;

/// <summary>What is logged of the other servers of a cluster. Ids 400 to 499.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(400, LogLevel.Warning, "The server {Node} has sent a message that makes no sense, and was ignored: {Reason} Do all servers run the same version, with the same parser? This is said once.")]
    public static partial void MalformedMessage(this ILogger log, string node, string reason);

    [LoggerMessage(401, LogLevel.Warning, "Namespace {Namespace}: the handlers of OnServerSideEmit do not get through with what the server {Node} emits, and some of it is dropped. This is said once.")]
    public static partial void ServerSideOverflow(this ILogger log, string @namespace, string node);

    [LoggerMessage(402, LogLevel.Debug, "An answer to another server could not be sent: {Reason}")]
    public static partial void MessageNotSent(this ILogger log, string reason);
}
