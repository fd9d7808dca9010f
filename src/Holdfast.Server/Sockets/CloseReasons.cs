namespace Holdfast.Sockets;

internal static class CloseReasons
{
    /// <summary>What the end of a connection is to the sockets on it: the words are the same.</summary>
    public static DisconnectReason ToDisconnectReason(this CloseReason reason) => reason switch
    {
        _ when reason == CloseReason.PingTimeout => DisconnectReason.PingTimeout,
        _ when reason == CloseReason.TransportError => DisconnectReason.TransportError,
        _ when reason == CloseReason.TransportClose => DisconnectReason.TransportClose,
        _ when reason == CloseReason.ParseError => DisconnectReason.ParseError,
        _ => DisconnectReason.ForcedClose,
    };
}
