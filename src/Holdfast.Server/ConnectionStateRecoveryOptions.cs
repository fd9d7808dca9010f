namespace Holdfast;

/// <summary>
/// Options of connection state recovery: set <see cref="SocketIOOptions.ConnectionStateRecovery"/> to turn it on. A client that lost its connection comes back with its id, rooms, data and every
/// event that it missed, in order and once. Every bound says what happens beyond it; a loss is always signalled.
/// </summary>
public sealed class ConnectionStateRecoveryOptions
{
    /// <summary>How long a session is kept after its connection was lost, and events with it. Default: 2 minutes.</summary>
    public TimeSpan MaxDisconnectionDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Whether a client whose session is recovered completely passes without the namespace's middlewares. Default: true. The check that it is the same user, and
    /// <see cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>, always run; and so do the middlewares when events were lost.
    /// </summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>Whether missed events come after the answer to CONNECT or before it. Default: <see cref="ReplayOrder.ConnectFirst"/>.</summary>
    public ReplayOrder ReplayOrder { get; set; }

    /// <summary>The most events that the log keeps; beyond it the oldest go, and a session that misses them comes back without them, which is signalled. With <c>AddFileRecovery</c>: that each process knows of. Default: 1,000,000.</summary>
    public int MaxLogEntries { get; set; } = 1_000_000;

    /// <summary>
    /// The most bytes of events that the log keeps in memory; beyond it the oldest go. Default: 256 MiB. Has no say with <c>AddFileRecovery</c>: there <see cref="FileRecoveryOptions.MaxBytes"/> bounds
    /// the files, and <see cref="FileRecoveryOptions.MaxMemoryBytes"/> what of them is in memory.
    /// </summary>
    public long MaxLogBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>The most sessions that wait for their clients; beyond it the one that has waited longest expires. Default: 100,000.</summary>
    public int MaxParkedSessions { get; set; } = 100_000;

    /// <summary>The most bytes that waiting sessions take (data, rooms and a fixed amount each); beyond it the one that has waited longest expires. Default: 256 MiB.</summary>
    public long MaxParkedBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>The most waiting sessions of one authenticated user; beyond it the user's oldest expires. Default: 100.</summary>
    public int MaxParkedSessionsPerUser { get; set; } = 100;

    /// <summary>The most bytes of missed events that one session gets back; with more it comes back without them, which is signalled. Default: 64 MiB.</summary>
    public int MaxReplayBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many bytes of missed events a session gets at once, before <see cref="ReplayBytesPerSecond"/> counts. Default: 1 MiB.</summary>
    public int ReplayBurst { get; set; } = 1024 * 1024;

    /// <summary>How many bytes of missed events a session gets per second beyond <see cref="ReplayBurst"/>. Default: 16 MiB.</summary>
    public int ReplayBytesPerSecond { get; set; } = 16 * 1024 * 1024;

    /// <summary>What is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (MaxDisconnectionDuration <= TimeSpan.Zero || MaxDisconnectionDuration > TimeSpan.FromDays(24))
            yield return $"{nameof(MaxDisconnectionDuration)} is {MaxDisconnectionDuration}: it must be positive and at most 24 days.";
        if (!Enum.IsDefined(ReplayOrder))
            yield return $"{nameof(ReplayOrder)} is {ReplayOrder}: it must be {nameof(ReplayOrder.ConnectFirst)} or {nameof(ReplayOrder.EventsFirst)}.";
        (string Name, long Value)[] bounds =
        [
            (nameof(MaxLogEntries), MaxLogEntries), (nameof(MaxLogBytes), MaxLogBytes), (nameof(MaxParkedSessions), MaxParkedSessions), (nameof(MaxParkedBytes), MaxParkedBytes),
            (nameof(MaxParkedSessionsPerUser), MaxParkedSessionsPerUser), (nameof(MaxReplayBytes), MaxReplayBytes), (nameof(ReplayBurst), ReplayBurst),
            (nameof(ReplayBytesPerSecond), ReplayBytesPerSecond),
        ];
        foreach (var (name, value) in bounds)
        {
            if (value < 1)
                yield return $"{name} is {value}: it must be at least 1.";
        }
    }
}

/// <summary>The order in which a client that comes back gets the answer to its CONNECT and the events that it missed.</summary>
public enum ReplayOrder
{
    /// <summary>
    /// First the answer, then the events, then live ones. Each event moves the client's offset on, so that a cut in the middle of a replay loses and doubles nothing. The client's
    /// <c>connect</c> handler runs before the missed events.
    /// </summary>
    ConnectFirst,

    /// <summary>First the events, then the answer: the official client delivers them when the answer comes. A cut between the two delivers them twice.</summary>
    EventsFirst,
}
