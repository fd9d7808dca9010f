namespace Holdfast.Engine;

/// <summary>The life of a session; it only ever moves forward.</summary>
internal enum SessionState : byte
{
    /// <summary>The handler is being made; sending works already, nothing is received.</summary>
    Opening,

    /// <summary>Messages flow.</summary>
    Open,

    /// <summary>The server wants to close: what is queued still goes out, what arrives is ignored.</summary>
    Closing,

    /// <summary>Over.</summary>
    Closed,
}
