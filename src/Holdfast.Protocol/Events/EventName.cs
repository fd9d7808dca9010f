namespace Holdfast.Protocol;

/// <summary>The names that both ends raise by themselves and that therefore no packet may carry.</summary>
internal static class EventName
{
    public static bool IsReserved(string name) =>
        name is "connect" or "connect_error" or "disconnect" or "disconnecting" or "newListener" or "removeListener";

    /// <exception cref="ArgumentException">The name is reserved; the message names what to use instead.</exception>
    public static void ThrowIfNotEmittable(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (IsReserved(eventName))
        {
            throw Reserved(eventName, eventName switch
            {
                "connect" => "The other end raises it when it is connected.",
                "connect_error" => "To refuse a connection, throw ConnectRejectedException in a middleware.",
                "disconnect" or "disconnecting" => "To disconnect, call DisconnectAsync.",
                _ => "Choose another name.",
            });
        }
    }

    /// <exception cref="ArgumentException">The name is reserved; the message names what to use instead.</exception>
    public static void ThrowIfNotListenable(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (IsReserved(eventName))
        {
            throw Reserved(eventName, eventName switch
            {
                "connect" => "Use OnConnection on a server and OnConnect on a client.",
                "connect_error" => "Use OnConnectError on a client.",
                "disconnect" => "Use OnDisconnect.",
                "disconnecting" => "Use OnDisconnecting.",
                _ => "Choose another name.",
            });
        }
    }

    private static ArgumentException Reserved(string eventName, string advice) =>
        new($"\"{eventName}\" is a reserved event name. {advice}", nameof(eventName));
}
