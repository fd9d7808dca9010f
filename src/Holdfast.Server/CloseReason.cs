namespace Holdfast;

/// <summary>Why a session's connection ended. <see cref="ToString"/> is the word that clients and logs of the protocol's other servers use.</summary>
public readonly record struct CloseReason
{
    private readonly string? _word;

    private CloseReason(string word) => _word = word;

    /// <summary>The client didn't answer a ping in time.</summary>
    public static CloseReason PingTimeout { get; } = new("ping timeout");

    /// <summary>The client broke the rules of the transport, or a request of it was cut off.</summary>
    public static CloseReason TransportError { get; } = new("transport error");

    /// <summary>The client closed the connection, or it was lost.</summary>
    public static CloseReason TransportClose { get; } = new("transport close");

    /// <summary>The server closed the connection.</summary>
    public static CloseReason ForcedClose { get; } = new("forced close");

    /// <summary>The client sent something that can't be read.</summary>
    public static CloseReason ParseError { get; } = new("parse error");

    /// <summary>The word of the reason, for example <c>transport close</c>.</summary>
    public override string ToString() => _word ?? "forced close";
}
