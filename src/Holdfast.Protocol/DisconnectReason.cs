namespace Holdfast;

/// <summary>Why a socket was disconnected. <see cref="ToString"/> is the word that the JavaScript implementation uses.</summary>
/// <remarks>
/// A value: two reasons are equal when their words are. The first group is what a server sees, the second what only a client sees;
/// <see cref="PingTimeout"/>, <see cref="TransportClose"/>, <see cref="TransportError"/>, <see cref="ParseError"/> and
/// <see cref="ForcedClose"/> occur at both ends.
/// </remarks>
public readonly record struct DisconnectReason
{
    private readonly string? _word;

    private DisconnectReason(string word) => _word = word;

    /// <summary>The server disconnected the socket from its namespace (<c>server namespace disconnect</c>).</summary>
    public static DisconnectReason ServerNamespaceDisconnect { get; } = new("server namespace disconnect");

    /// <summary>The client left the namespace (<c>client namespace disconnect</c>).</summary>
    public static DisconnectReason ClientNamespaceDisconnect { get; } = new("client namespace disconnect");

    /// <summary>The server is stopping (<c>server shutting down</c>).</summary>
    public static DisconnectReason ServerShuttingDown { get; } = new("server shutting down");

    /// <summary>The other end did not answer the heartbeat in time (<c>ping timeout</c>).</summary>
    public static DisconnectReason PingTimeout { get; } = new("ping timeout");

    /// <summary>The connection was closed by the other end (<c>transport close</c>).</summary>
    public static DisconnectReason TransportClose { get; } = new("transport close");

    /// <summary>The connection broke (<c>transport error</c>).</summary>
    public static DisconnectReason TransportError { get; } = new("transport error");

    /// <summary>The other end sent something that is no packet (<c>parse error</c>).</summary>
    public static DisconnectReason ParseError { get; } = new("parse error");

    /// <summary>This end closed the connection below its sockets (<c>forced close</c>).</summary>
    public static DisconnectReason ForcedClose { get; } = new("forced close");

    /// <summary>The server closed the connection because the client sent a packet out of place (<c>forced server close</c>).</summary>
    public static DisconnectReason ForcedServerClose { get; } = new("forced server close");

    /// <summary>Client only: the server disconnected the socket (<c>io server disconnect</c>). No reconnect by itself.</summary>
    public static DisconnectReason IoServerDisconnect { get; } = new("io server disconnect");

    /// <summary>Client only: the client disconnected the socket (<c>io client disconnect</c>). No reconnect by itself.</summary>
    public static DisconnectReason IoClientDisconnect { get; } = new("io client disconnect");

    /// <summary>
    /// Whether a session may outlive this disconnect. Not when one of the two ends meant it, and not when the other end can't be
    /// trusted to speak the protocol.
    /// </summary>
    internal bool IsRecoverable =>
        this == TransportError || this == TransportClose || this == ForcedClose || this == PingTimeout
        || this == ServerShuttingDown || this == ForcedServerClose;

    /// <summary>The wire word, for example <c>transport close</c>; empty for the default value.</summary>
    /// <returns>The word, as the JavaScript implementation spells it.</returns>
    public override string ToString() => _word ?? "";
}
