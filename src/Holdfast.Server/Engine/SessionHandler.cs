namespace Holdfast.Engine;

/// <summary>What sits on top of a session: a Socket.IO connection, or the callbacks of the bare engine.</summary>
internal abstract class SessionHandler
{
    /// <summary>
    /// One message, in the order of arrival, one at a time. A task that is not finished on return pauses reading from this client until it is
    /// (its pongs among the rest: meanwhile it lives as long as something leaves). The memory is the handler's to keep; text comes without the packet's type digit and is valid UTF-8.
    /// A <see cref="ProtocolException"/> closes the session gracefully.
    /// </summary>
    public abstract ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary);

    /// <summary>
    /// The session has closed; called exactly once, outside all locks, after the last call of <see cref="OnMessageAsync"/> has returned and before no other.
    /// It doesn't wait for a task that such a call left unfinished: that task may itself be waiting for what only this call brings (an ack that must fail, say).
    /// </summary>
    public abstract void OnClosed(CloseReason reason, string? description);

    /// <summary>After <see cref="EngineSession.GiveWay"/>: the client has shown that it is still there. At most once.</summary>
    public virtual void OnPeerAnswered()
    {
    }

    /// <summary>A ping is about to be queued, or not after all. Outside all locks; may run beside <see cref="OnMessageAsync"/>. The answer goes to <see cref="OnPingSent"/>.</summary>
    public virtual long OnPinging() => 0;

    /// <summary>A ping has been queued, and no pong is owed for an earlier one. May run beside <see cref="OnMessageAsync"/>.</summary>
    /// <param name="mark">What <see cref="OnPinging"/> answered before.</param>
    /// <param name="isLast">Whether everything that had been queued at that moment has left before the ping, so that its pong proves that it has arrived.</param>
    public virtual void OnPingSent(long mark, bool isLast)
    {
    }

    /// <summary>The pong has come.</summary>
    public virtual void OnPong()
    {
    }
}
