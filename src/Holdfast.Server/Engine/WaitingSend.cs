namespace Holdfast.Engine;

/// <summary>One packet that stands in line for a place in an outbox, and the task of the emit that waits with it.</summary>
internal sealed class WaitingSend(EngineSession session, EncodedPacket packet) : OutboxWaiter
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Proceed()
    {
        // Whoever completes the task decides: a packet whose wait was cancelled is not sent.
        if (_done.TrySetResult())
        {
            session.TrySend(packet);
        }
    }

    public override void Abandon() => _done.TrySetResult();

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static (self, token) => ((WaitingSend)self!)._done.TrySetCanceled(token), this);
        await _done.Task;
    }
}
