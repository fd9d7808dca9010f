namespace Holdfast.Engine;

/// <summary>What sits on top of a session: a Socket.IO connection, or the callbacks of the bare engine.</summary>
internal abstract class SessionHandler
{
    /// <summary>
    /// One message, in the order of arrival, one at a time. A task that is not finished on return pauses reading from this client (and its heartbeat: its pong
    /// couldn't be read) until it is. The memory is the handler's to keep; text comes without the packet's type digit and is valid UTF-8.
    /// A <see cref="ProtocolException"/> closes the session gracefully.
    /// </summary>
    public abstract ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary);

    /// <summary>
    /// The session has closed; called exactly once, outside all locks, after the last call of <see cref="OnMessageAsync"/> has returned and before no other.
    /// It doesn't wait for a task that such a call left unfinished: that task may itself be waiting for what only this call brings (an ack that must fail, say).
    /// </summary>
    public abstract void OnClosed(CloseReason reason, string? description);

    /// <summary>A ping has been queued. May run beside <see cref="OnMessageAsync"/>.</summary>
    public virtual void OnPingSent()
    {
    }

    /// <summary>The pong has come.</summary>
    public virtual void OnPong()
    {
    }
}
