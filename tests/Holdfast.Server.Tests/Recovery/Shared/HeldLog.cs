using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery.Shared;

/// <summary>A log whose disk can be made to hang, and to fail.</summary>
internal sealed class HeldLog(ISharedLog log) : ISharedLog
{
    private readonly Queue<(TaskCompletionSource Ended, Func<Task> Append)> _held = new();

    /// <summary>From now on no append ends, until <see cref="Release"/>.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The node's end hangs, too.</summary>
    public bool IsEndHeld { get; set; }

    public int EndCalls { get; private set; }

    public ulong NodeId => log.NodeId;

    public string? Problem { get; set; }

    public bool HasFailed { get; set; }

    public LogWindow Window => log.Window;

    public Task StartAsync(ISharedLogReader reader, CancellationToken cancellationToken) => log.StartAsync(reader, cancellationToken);

    public Task AppendAsync(LogRecordKind kind, ReadOnlyMemory<byte> payload) => IsHeld ? Hold(() => log.AppendAsync(kind, payload)) : log.AppendAsync(kind, payload);

    public long MaxMemoryBytes => log.MaxMemoryBytes;

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RecordPlace[] places) => log.ReadAsync(places);

    public Task CatchUpAsync(CancellationToken cancellationToken) => log.CatchUpAsync(cancellationToken);

    public void Release()
    {
        IsHeld = false;
        while (_held.TryDequeue(out var held))
            _ = ForwardAsync(held.Ended, held.Append);
    }

    /// <summary>What was held fails, and is not in the log.</summary>
    public void Fail()
    {
        IsHeld = false;
        while (_held.TryDequeue(out var held))
            held.Ended.SetException(new RecoveryUnavailableException("The disk is gone."));
    }

    private static async Task ForwardAsync(TaskCompletionSource ended, Func<Task> append)
    {
        try
        {
            await append();
            ended.SetResult();
        }
        catch (Exception failure)
        {
            ended.SetException(failure);
        }
    }

    private Task Hold(Func<Task> append)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held.Enqueue((ended, append));
        return ended.Task;
    }

    public async ValueTask DisposeAsync()
    {
        EndCalls++;
        if (EndCalls > 1)
            return;
        if (IsEndHeld)
            await new TaskCompletionSource().Task;
        await log.DisposeAsync();
    }
}
