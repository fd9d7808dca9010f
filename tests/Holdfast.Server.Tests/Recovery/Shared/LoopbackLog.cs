using System.Collections.Concurrent;
using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery.Shared;

/// <summary>
/// A log in memory that several servers of one process share, as if it were somewhere else: whoever appends is answered later, and everybody reads at a pace of his own. What can go wrong with a log
/// goes wrong here when a test wants it.
/// </summary>
internal sealed class LoopbackLog
{
    private readonly Lock _gate = new();
    private readonly List<LogRecord> _records = [];
    private readonly List<LoopbackNode> _nodes = [];
    private readonly HashSet<long> _spoiled = [];
    private ulong _lastNode;
    private int _first;

    /// <param name="mostBytes">A larger record is refused.</param>
    /// <param name="span">What is further from the end may be gone.</param>
    /// <param name="memory">How much the node may keep of what it has read.</param>
    public LoopbackNode Join(int mostBytes = int.MaxValue, long span = long.MaxValue, long memory = 1 << 26)
    {
        lock (_gate)
        {
            var node = new LoopbackNode(this, ++_lastNode) { MostBytes = mostBytes, Window = new LogWindow(TimeSpan.FromMinutes(5), span), MaxMemoryBytes = memory };
            _nodes.Add(node);
            return node;
        }
    }

    /// <summary>The records that are there of one kind.</summary>
    public int CountOf(LogRecordKind kind)
    {
        lock (_gate)
            return _records.Skip(_first).Count(record => record.Kind == kind);
    }

    /// <summary>All that is there now goes; who has read it knows it still.</summary>
    public void Trim()
    {
        lock (_gate)
            _first = _records.Count;
        Nudge();
    }

    /// <summary>The n-th event that is there can't be read any more; who has read it knows it still.</summary>
    public void Spoil(int number)
    {
        lock (_gate)
            _spoiled.Add(_records.Skip(_first).Where(record => record.Kind == LogRecordKind.Event).ElementAt(number).Position);
    }

    /// <summary>A new life of the storage, which may have lost the end of the former.</summary>
    public void BeginEpoch(bool tailMayBeLost) => Append(0, 0, LogRecordKind.Epoch, new[] { tailMayBeLost ? (byte)1 : (byte)0 });

    private void Append(ulong node, long counter, LogRecordKind kind, ReadOnlyMemory<byte> payload)
    {
        lock (_gate)
            _records.Add(new LogRecord(PositionOf(_records.Count - 1) + 40 + payload.Length, node, counter, DateTime.UtcNow.Ticks, kind, payload.ToArray()));
        Nudge();
    }

    private void Nudge()
    {
        LoopbackNode[] all;
        lock (_gate)
            all = [.. _nodes];
        foreach (var node in all)
            node.Nudge();
    }

    private long PositionOf(int index)
    {
        lock (_gate)
            return index < 0 ? 1000 : _records[index].Position;
    }

    private LogRecord? At(int index)
    {
        lock (_gate)
            return index < _records.Count ? _records[index] : null;
    }

    private bool TryFind(RecordPlace place, out ReadOnlyMemory<byte> payload)
    {
        lock (_gate)
        {
            var index = _records.FindIndex(_first, record => record.Position == place.Position);
            payload = index < 0 ? default : _records[index].Payload;
            return index >= 0 && payload.Length == place.Length && !_spoiled.Contains(place.Position);
        }
    }

    private int Count
    {
        get
        {
            lock (_gate)
                return _records.Count;
        }
    }

    internal sealed class LoopbackNode(LoopbackLog log, ulong id) : ISharedLog
    {
        private readonly SemaphoreSlim _nudges = new(0);
        private readonly List<(int Count, TaskCompletionSource Reached)> _barriers = [];
        private readonly ConcurrentQueue<(LogRecordKind Kind, byte[] Payload)> _late = new();
        private readonly Lock _appending = new();
        private volatile bool _isUnsure;
        private long _counter;
        private int _read;
        private int _trimmed;
        private int _lostUpTo;
        private Task? _reading;
        private volatile TaskCompletionSource? _held;
        private volatile TaskCompletionSource? _heldReads;
        private int _readAgain;
        private volatile bool _ended;

        public ulong NodeId => id;

        public string? Problem => null;

        public LogWindow Window { get; init; }

        public int MostBytes { get; init; }

        public long MaxMemoryBytes { get; init; }

        /// <summary>How many records it has read once more.</summary>
        public int ReadAgain => _readAgain;

        /// <summary>Reads that have come to a stop.</summary>
        public int HeldReads { get; private set; }

        /// <summary>Appends fail: nothing is in the log, and nothing comes into it later.</summary>
        public bool IsAway { get; set; }

        /// <summary>Appends are said to have failed, and come into the log all the same, when this is over.</summary>
        public bool IsUnsure
        {
            get => _isUnsure;
            set
            {
                _isUnsure = value;
                while (!value && _late.TryDequeue(out var late))
                    Append(late.Kind, late.Payload);
            }
        }

        public async Task StartAsync(ISharedLogReader reader, CancellationToken cancellationToken)
        {
            Append(LogRecordKind.NodeStart, default);
            _read = _trimmed = log._first;
            reader.OnTrimmed(log.PositionOf(_read - 1));
            _reading = Task.Run(() => ReadAsync(reader), cancellationToken);
            await CatchUpAsync(cancellationToken);
        }

        public Task AppendAsync(LogRecordKind kind, ReadOnlyMemory<byte> payload)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MostBytes);
            if (IsAway || _ended)
                return Task.FromException(new RecoveryUnavailableException("The log is away."));
            if (!IsUnsure)
            {
                Append(kind, payload);
                return Task.CompletedTask;
            }
            _late.Enqueue((kind, payload.ToArray()));
            return Task.FromException(new RecoveryUnavailableException("The log is away.", outcomeUnknown: true));
        }

        public Task CatchUpAsync(CancellationToken cancellationToken)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_barriers)
            {
                if (_read >= log.Count)
                    return Task.CompletedTask;
                _barriers.Add((log.Count, reached));
            }
            return reached.Task.WaitAsync(cancellationToken);
        }

        /// <summary>Reads nothing any more, as a process that is stopped, until <see cref="GoOn"/>.</summary>
        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => Interlocked.Exchange(ref _held, null)?.TrySetResult();

        public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RecordPlace[] places)
        {
            await Task.Yield();
            if (_heldReads is { } held)
            {
                HeldReads++;
                await held.Task;
            }
            if (_ended)
                throw new RecoveryUnavailableException("The log has ended.");
            List<ReadOnlyMemory<byte>> found = [];
            foreach (var place in places)
            {
                if (!log.TryFind(place, out var payload))
                    break;
                found.Add(payload);
            }
            Interlocked.Add(ref _readAgain, found.Count);
            return found;
        }

        /// <summary>Reading once more takes its time, until <see cref="GoOnReading"/>.</summary>
        public void HoldReads() => _heldReads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOnReading() => Interlocked.Exchange(ref _heldReads, null)?.TrySetResult();

        /// <summary>What this node has not read yet is gone when it comes to it.</summary>
        public void LoseTheRest() => _lostUpTo = log.Count;

        /// <summary>Ends as a process that is killed does.</summary>
        public void Die()
        {
            _ended = true;
            Append(LogRecordKind.NodeStop, default);
            GoOn();
            GoOnReading();
        }

        public void Nudge() => _nudges.Release();

        public async ValueTask DisposeAsync()
        {
            if (_reading is null)
                return;
            if (!_ended)
                Die();
            await _reading;
        }

        private void Append(LogRecordKind kind, ReadOnlyMemory<byte> payload)
        {
            lock (_appending)
                log.Append(id, ++_counter, kind, payload);
        }

        private async Task ReadAsync(ISharedLogReader reader)
        {
            reader.OnEpoch(new EpochStart("loopback", 1000, 0, TailMayBeLost: false));
            while (!_ended)
            {
                while (!_ended && log.At(_read) is { } next)
                {
                    if (_held is { } held)
                    {
                        await held.Task;
                        continue;
                    }
                    if (_read < _lostUpTo)
                    {
                        reader.OnGap(log.PositionOf(_read - 1), log.PositionOf(_lostUpTo - 1));
                        MoveTo(_lostUpTo);
                        continue;
                    }
                    Hand(next, reader);
                    MoveTo(_read + 1);
                }
                if (log._first > _trimmed && log._first <= _read)
                {
                    _trimmed = log._first;
                    reader.OnTrimmed(log.PositionOf(_trimmed - 1));
                }
                await _nudges.WaitAsync();
            }
        }

        private void MoveTo(int read)
        {
            lock (_barriers)
            {
                _read = read;
                _barriers.RemoveAll(barrier => barrier.Count <= _read && barrier.Reached.TrySetResult());
            }
        }

        private void Hand(in LogRecord record, ISharedLogReader reader)
        {
            switch (record.Kind)
            {
                case LogRecordKind.NodeStart:
                    reader.OnNodeStarted(record.Node);
                    break;
                case LogRecordKind.NodeStop when record.Node != id:
                    reader.OnNodeGone(record.Node);
                    break;
                case LogRecordKind.Epoch:
                    reader.OnEpoch(new EpochStart("loopbac2", record.Position, record.Position - 40 - record.Payload.Length, record.Payload.Span[0] == 1));
                    break;
                case >= LogRecordKind.FirstOfServer:
                    reader.OnRecord(record);
                    break;
            }
        }
    }
}
