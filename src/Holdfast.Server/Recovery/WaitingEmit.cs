using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>
/// One event to one session that stands in line for a place in its outbox, and the task of the emit that waits with it. It takes its position in the log when its turn has come; if the
/// connection is lost before, all that wait take theirs then, in order.
/// </summary>
internal class WaitingEmit(Session session, EngineSession outlet, EncodedPacket packet, Action<WaitingEmit, bool> turn) : OutboxWaiter
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Session Session => session;

    public EngineSession Outlet => outlet;

    public EncodedPacket Packet => packet;

    /// <summary>Whoever completes the task decides: false for an event whose wait was cancelled, which is not sent, and for one that has been.</summary>
    public bool TryBegin() => _done.TrySetResult();

    public override void Proceed() => turn(this, true);

    public override void Abandon() => turn(this, false);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static (self, token) => ((WaitingEmit)self!)._done.TrySetCanceled(token), this);
        await _done.Task;
    }
}
