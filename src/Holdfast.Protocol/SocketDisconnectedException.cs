namespace Holdfast;

/// <summary>The socket is disconnected, so that what was asked of it can no longer happen.</summary>
/// <remarks>
/// An <c>EmitWithAckAsync</c> that waits when the socket goes away fails with it; the event may or may not have arrived.
/// The message is the one of the JavaScript implementation, <c>socket has been disconnected</c>.
/// </remarks>
public sealed class SocketDisconnectedException : Exception
{
    /// <summary>Creates the exception for a socket that has gone away.</summary>
    /// <param name="reason">Why the socket was disconnected.</param>
    public SocketDisconnectedException(DisconnectReason reason)
        : base("socket has been disconnected") => Reason = reason;

    /// <summary>Why the socket was disconnected.</summary>
    public DisconnectReason Reason { get; }
}
