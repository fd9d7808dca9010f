using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>
/// What is emitted to one session and stands in line for a place in its outbox, or its end behind that: appended to a shared log when its turn has come. The task of its caller goes on with that
/// of the append.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="outlet">Where it would go.</param>
/// <param name="packet">The event.</param>
/// <param name="append">Appends it, under the log's lock.</param>
internal sealed class WaitingAppend(Session session, EngineSession outlet, EncodedPacket packet, Func<Task> append) : WaitingEmit(session, outlet, packet, static (_, _) => { })
{
    private readonly TaskCompletionSource<Task> _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Under the lock. A session that is over gets nothing more.</summary>
    public void GoOn()
    {
        if (TryBegin())
            _appended.SetResult(Session.Stage == SessionStage.Ended ? Task.CompletedTask : append());
    }

    public async Task WaitUntilAppendedAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        await await _appended.Task;
    }
}
