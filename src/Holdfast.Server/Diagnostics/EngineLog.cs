using Microsoft.Extensions.Logging;

namespace Holdfast.Diagnostics;

/// <summary>
/// What the engine logs. The peer's faults are Debug: whoever can reach the port could fill the log otherwise. Session ids are never written, because they open sessions.
/// </summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Debug, "Session opened over {Transport}.")]
    public static partial void SessionOpened(this ILogger logger, string transport);

    [LoggerMessage(2, LogLevel.Debug, "Session over {Transport} closed: {Reason} ({Description}).")]
    public static partial void SessionClosed(this ILogger logger, string transport, CloseReason reason, string? description);

    [LoggerMessage(3, LogLevel.Debug, "Session upgraded to websocket.")]
    public static partial void Upgraded(this ILogger logger);

    [LoggerMessage(4, LogLevel.Debug, "Request refused with code {Code}: {Cause}.")]
    public static partial void RequestRefused(this ILogger logger, int code, string cause);

    [LoggerMessage(5, LogLevel.Error, "The application's handler of a session failed; its session is closed.")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "The application's listener of a connection failed.")]
    public static partial void ListenerFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "The application's {Option} failed; the client is refused.")]
    public static partial void OptionFailed(this ILogger logger, string option, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "A WebSocket could not be accepted.")]
    public static partial void WebSocketNotAccepted(this ILogger logger, Exception exception);
}
