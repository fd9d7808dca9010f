using System.Buffers.Binary;

namespace Holdfast.Recovery;

/// <summary>
/// The way through a log that other nodes write to as well. Whatever has a place in the order is appended first and happens when the log hands it back, here as on every other node; whatever
/// has none happens behind what this node has appended before. The log's lock is held from the moment at which the cursor moves until all that stands there has happened, so no offset says that
/// something has arrived that has not.
/// </summary>
internal sealed class SharedRoad(ISharedLog log, EventLog window, IRecordTarget target) : ISharedLogReader
{
    private readonly OwnSteps _own = new();
    private ulong[] _nodes = []; // replaced by the reader, read by everybody

    public ISharedLog Log => log;

    /// <summary>Who takes what other nodes have to say; set before the start.</summary>
    public IMessageReader? Messages { get; set; }

    /// <summary>The nodes that are alive at the cursor's place in the log, this one among them from its start on.</summary>
    public IReadOnlyCollection<ulong> Nodes => Volatile.Read(ref _nodes);

    /// <summary>Reads what is there, and goes on reading.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => log.StartAsync(this, cancellationToken);

    /// <summary>Appends a record. Completes when it is written and has happened here; fails when it is not in the log and never will be.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="write">Writes what other nodes need.</param>
    /// <param name="run">What happens here, under the log's lock.</param>
    /// <param name="outer">A lock that is to be taken before that one.</param>
    public Task AppendAsync(LogRecordKind kind, Action<RecordWriter> write, Action run, Lock? outer = null)
    {
        var record = new RecordWriter();
        record.Reserve();
        write(record);
        OwnStep step;
        Task append;
        lock (window.Gate)
        {
            step = _own.Add(run, hasRecord: true, outer);
            record.WriteReserved(step.Number);
            try
            {
                append = log.AppendAsync(kind, record.Written);
            }
            catch (Exception refused)
            {
                // A record that is too large, say. Its step has its place already, and must not keep it.
                append = Task.FromException(refused);
            }
        }
        return WaitAsync(append, step);
    }

    /// <summary>Does something that has no record, behind all that was appended here before.</summary>
    public Task BehindAsync(Action run)
    {
        lock (window.Gate)
        {
            if (!_own.IsEmpty)
                return _own.Add(run, hasRecord: false, outer: null).Task;
            run();
            return Task.CompletedTask;
        }
    }

    void ISharedLogReader.OnRecord(in LogRecord record)
    {
        if (record.Payload.Length < sizeof(long))
            return;
        var number = BinaryPrimitives.ReadInt64LittleEndian(record.Payload.Span);
        var isOwn = record.Node == log.NodeId;
        // What was said before this node was there was said to others.
        var message = record.Kind == LogRecordKind.Message && !isOwn && _nodes.Contains(log.NodeId) ? Messages?.Open(record) : null;
        Lock? outer = null;
        if (isOwn)
        {
            lock (window.Gate)
                outer = _own.OuterOf(number);
        }
        lock (outer ?? window.Gate)
        {
            lock (window.Gate)
            {
                window.MoveTo(record.Place, record.Age);
                if (message is not null)
                    message();
                else if (!isOwn || !_own.OnRecord(number))
                    Apply(record);
            }
        }
    }

    private void Apply(in LogRecord record)
    {
        try
        {
            target.Apply(record);
        }
        catch (InvalidDataException)
        {
            // Of a version that writes something else. What it says is as lost to this node as if the record were not there.
            target.OnGap(record.Position - 1, record.Position);
        }
    }

    void ISharedLogReader.OnEpoch(EpochStart epoch)
    {
        lock (window.Gate)
            window.BeginEpoch(epoch);
    }

    void ISharedLogReader.OnTrimmed(long tail)
    {
        target.OnTrimmed(tail);
    }

    void ISharedLogReader.OnGap(long from, long to) => target.OnGap(from, to);

    void ISharedLogReader.OnNodeStarted(ulong node) => Volatile.Write(ref _nodes, [.. _nodes, node]);

    void ISharedLogReader.OnNodeGone(ulong node)
    {
        Volatile.Write(ref _nodes, Array.FindAll(_nodes, other => other != node));
        target.OnNodeGone(node);
        Messages?.OnNodeGone(node);
    }

    private async Task WaitAsync(Task append, OwnStep step)
    {
        try
        {
            await append;
        }
        catch (Exception refused)
        {
            // The log is away, or the record is too large for it. Whoever waits hears why; those behind it wait no longer.
            lock (window.Gate)
                _own.Fail(step, refused);
        }
        await step.Task;
    }
}

/// <summary>What other nodes have appended, and what becomes of them.</summary>
internal interface IRecordTarget
{
    /// <summary>Under the log's lock.</summary>
    void Apply(in LogRecord record);

    void OnTrimmed(long tail);

    void OnGap(long from, long to);

    void OnNodeGone(ulong node);
}

/// <summary>Takes messages out of a shared log. What they mean is no business of the log's.</summary>
internal interface IMessageReader
{
    /// <summary>Another node has said something. Outside of all locks. What is returned happens at the record's place, under the log's lock, and must not throw; null: there is nothing that has a place.</summary>
    Action? Open(in LogRecord record);

    void OnNodeGone(ulong node);
}
