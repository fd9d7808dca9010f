namespace Holdfast;

/// <summary>The life of a connection; it only ever moves forward.</summary>
public enum EngineSocketState
{
    /// <summary>The application is being told of it; sending works already, nothing is received yet.</summary>
    Opening,

    /// <summary>Messages flow.</summary>
    Open,

    /// <summary>The server wants to close: what is queued still goes out, what arrives is ignored.</summary>
    Closing,

    /// <summary>Over.</summary>
    Closed,
}
