namespace Holdfast.Engine;

/// <summary>
/// One way to the client. A transport takes packets out of its session's outbox when it can carry them; the session never pushes. Its members marked "under the gate"
/// are called while the session's gate is held, and only change state or queue work: they neither write nor call back.
/// Its own deadline is the upgrade's, then the close's.
/// </summary>
internal abstract class Transport(EngineSession session, string name) : Deadline
{
    public const string Polling = "polling";
    public const string WebSocket = "websocket";

    public string Name { get; } = name;

    protected EngineSession Session { get; } = session;

    /// <summary>Under the gate: whether a packet queued now would leave now.</summary>
    public abstract bool IsWritable { get; }

    /// <summary>Under the gate: the outbox has something for this transport, or the session began to close.</summary>
    public abstract void Notify();

    /// <summary>
    /// Under the gate: the session is over. Ends what is pending and lets nothing more through; with <paramref name="abort"/> without a closing handshake.
    /// </summary>
    public abstract void End(CloseReason reason, bool abort);

    /// <summary>The transport's deadline has passed.</summary>
    protected abstract void OnDeadline();

    internal sealed override void OnDue()
    {
        lock (Session.Gate)
        {
            // Between the alarm and this lock the deadline may have been started again for something else.
            if (Due > Session.Server.Clock.Now)
            {
                return;
            }
        }

        OnDeadline();
    }
}
