namespace Holdfast;

/// <summary>Why a session is over.</summary>
public enum SessionExpiryReason
{
    /// <summary>Its client did not come back within <see cref="ConnectionStateRecoveryOptions.MaxDisconnectionDuration"/>.</summary>
    TimedOut,

    /// <summary>It had waited longest when the bounds on waiting sessions were reached.</summary>
    Evicted,

    /// <summary>The client or the server disconnected the socket, or its connection ended in a way that nothing comes back from.</summary>
    Disconnected,
}
