namespace Holdfast.Recovery.Files;

// Reading once more what nobody keeps in memory: beside the log's own thread, and never so much at a time that the disk is there for nothing else.
internal sealed partial class FileLog
{
    private const int ReadsAtOnce = 4;

    private readonly TaskFactory _reads = new(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, ReadsAtOnce).ConcurrentScheduler);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RecordPlace[] places) =>
        _reads.StartNew<IReadOnlyList<ReadOnlyMemory<byte>>>(() =>
        {
            if (!IsStarted)
                throw new InvalidOperationException("The log has not been started.");
            return _stopping ? throw new RecoveryUnavailableException(Ended) : new StoredRecords(_segments, _options).Read(places);
        });
}
