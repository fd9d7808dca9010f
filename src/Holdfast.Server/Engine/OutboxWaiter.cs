namespace Holdfast.Engine;

/// <summary>One who waits for room in a session's outbox. Exactly one of the two methods is called, once, outside all locks.</summary>
internal abstract class OutboxWaiter
{
    /// <summary>
    /// It is this waiter's turn. A <see cref="EngineSession.TrySend"/> made by the calling thread before this method returns goes ahead of everyone who still
    /// stands in line. Must neither block nor throw.
    /// </summary>
    public abstract void Proceed();

    /// <summary>The session closed before there was room. Must neither block nor throw.</summary>
    public abstract void Abandon();
}
