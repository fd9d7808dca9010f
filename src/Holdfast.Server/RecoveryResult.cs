namespace Holdfast;

/// <summary>What became of a client that connects.</summary>
public enum RecoveryOutcome
{
    /// <summary>A new session: nothing is back, or there was nothing to bring back. <c>recovered</c> is false at both ends.</summary>
    Fresh,

    /// <summary>Id, rooms and data are back, but events may have been lost: the client has to ask for the current state. <c>recovered</c> is false at both ends.</summary>
    StateOnly,

    /// <summary>Id, rooms, data and all missed events are back. <c>recovered</c> is true at both ends.</summary>
    Recovered,
}

/// <summary>Why an outcome is not <see cref="RecoveryOutcome.Recovered"/>.</summary>
public enum RecoveryReason
{
    /// <summary>There is nothing to explain: the client was recovered, or it did not ask for it.</summary>
    None,

    /// <summary>No session has this private id: it never existed, has expired, or was ended by a kick or by the client's own disconnection; or nobody can say whether it was.</summary>
    UnknownSession,

    /// <summary>The session belongs to another namespace.</summary>
    OtherNamespace,

    /// <summary>The session belongs to another user.</summary>
    OtherUser,

    /// <summary>A handler of <see cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/> said no.</summary>
    Vetoed,

    /// <summary>A later CONNECT has taken the session meanwhile.</summary>
    Superseded,

    /// <summary>Several connections that are all alive take the session from each other.</summary>
    ContestedSession,

    /// <summary>The offset is none of ours, and what the client has is not known from its heartbeats either.</summary>
    ForeignOffset,

    /// <summary>The offset is beyond what was ever sent.</summary>
    OffsetBeyondHead,

    /// <summary>The log itself has lost its end, as when a machine loses its power: what the client has seen, or has missed, is not in it any more.</summary>
    TailLost,

    /// <summary>Events that the session may have missed are no longer in the log.</summary>
    EventsTrimmed,

    /// <summary>The missed events are more than <see cref="ConnectionStateRecoveryOptions.MaxReplayBytes"/>.</summary>
    ReplayTooLarge,

    /// <summary>The session left so many rooms that it is not known any more which events were its own.</summary>
    RoomHistoryTooLong,

    /// <summary>The client came back again and again at the same offset, each time right after the same replay.</summary>
    ReplayLoop,
}

/// <summary>What became of a client that connects, and why.</summary>
/// <param name="Outcome">What is back.</param>
/// <param name="Reason">Why not everything is.</param>
/// <param name="MissedCount">How many missed events were promised to the client when it was accepted; zero before that, and unless everything is back.</param>
public readonly record struct RecoveryResult(RecoveryOutcome Outcome, RecoveryReason Reason, int MissedCount);
