using System.Security.Cryptography;
using Holdfast.Diagnostics;

namespace Holdfast.Recovery.Files;

/// <summary>
/// A log in a folder, for any number of processes of one machine. One position for all: the byte offset in the segments, one behind the other.
/// <list type="number">
/// <item>One write(2) on an O_APPEND descriptor puts everything that waits behind what is there (<c>FileLog.Write.cs</c>). No lock: who is stopped holds up nobody, and who dies leaves a torn record
/// at worst, which readers pass over (<see cref="SegmentReader"/>).</item>
/// <item>Everybody reads everything back, the own records, too (<c>FileLog.Read.cs</c>). An append is in the log when it has been read back: that alone shows that it stands before the end of its
/// segment. The first Seal ends a segment; what stands behind it is void, has been read by nobody, and is written again in the next.</item>
/// <item>A byte on a socket says that there is something new (<see cref="Nudge"/>); a look each second is the net below it (<c>FileLog.Look.cs</c>), finds out who is gone, and trims.</item>
/// <item>All of that is one thread's work, because it may have to wait for the disk, and the disk may make it wait long. What is read once more is read by others (<see cref="StoredRecords"/>).</item>
/// </list>
/// </summary>
internal sealed partial class FileLog : ISharedLog
{
    private const string Ended = "The log has been closed.";

    private readonly FileLogOptions _options;
    private readonly AppendQueue _queue;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _barriers = []; // guarded by the gate
    private ISharedLogReader? _reader;
    private Thread? _thread;
    private volatile Nudge? _nudge;
    private volatile FileSync? _sync;
    private volatile string? _failure; // of the thread itself: it has ended
    private volatile string? _readProblem;
    private volatile string? _lookProblem;
    private volatile string? _writeProblem;
    private volatile string? _syncProblem;
    private volatile bool _stopping;
    private bool _isDisposed; // guarded by the gate
    private bool _isLost; // its thread alone
    private volatile bool _lookDue;
    private int _awake = 1;

    public FileLog(FileLogOptions options)
    {
        options.Validate();
        _options = options;
        _queue = new AppendQueue(options.AppendQueueLimit);
        _records = new SegmentReader(options.MaxRecordBytes);
        Span<byte> id = stackalloc byte[sizeof(ulong)];
        do
            RandomNumberGenerator.Fill(id);
        while (BitConverter.ToUInt64(id) == 0);
        NodeId = BitConverter.ToUInt64(id);
    }

    public ulong NodeId { get; }

    public string? Problem => _failure ?? _writeProblem ?? _syncProblem ?? _readProblem ?? _lookProblem ?? _sync?.Problem;

    // The oldest segment goes as a whole.
    public LogWindow Window => new(_options.Window, Math.Max(_options.MaxBytes - _options.SegmentSize, _options.MaxBytes / 2));

    public long MaxMemoryBytes => _options.MaxMemoryBytes;

    public bool HasFailed => _failure is not null;

    private bool IsStarted => _started.Task.IsCompletedSuccessfully;

    private bool HasBarriers
    {
        get
        {
            lock (_gate)
                return _barriers.Count > 0;
        }
    }

    public async Task StartAsync(ISharedLogReader reader, CancellationToken cancellationToken)
    {
        if (!Libc.IsSupported)
            throw new PlatformNotSupportedException("The log in a folder needs Linux or macOS: Windows has no write that goes to the end of a file in one step for several processes.");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_thread is not null)
                throw new InvalidOperationException("The log has been started already.");
            _reader = reader;
            _thread = new Thread(Run) { IsBackground = true, Name = "Socket.IO log" };
        }
        using var registration = cancellationToken.UnsafeRegister(static (self, token) => ((FileLog)self!).GiveUp(token), this);
        _thread.Start();
        await _started.Task;
    }

    public Task AppendAsync(LogRecordKind kind, ReadOnlyMemory<byte> payload)
    {
        if (kind < LogRecordKind.FirstOfServer)
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "This kind of record is the log's own.");
        if (payload.Length > _options.MaxRecordBytes)
            throw new ArgumentOutOfRangeException(nameof(payload), payload.Length, $"A record of the log has at most {_options.MaxRecordBytes} bytes.");
        if (!IsStarted)
            throw new InvalidOperationException("The log has not been started.");
        var append = new PendingAppend(kind, payload);
        if (_queue.Add(append))
            Signal();
        return append.Task;
    }

    public Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (!IsStarted)
            throw new InvalidOperationException("The log has not been started.");
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_stopping)
                return Task.FromException(new RecoveryUnavailableException(Ended));
            _barriers.Add(barrier);
        }
        Signal();
        return barrier.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what waits, says that this node has ended cleanly, forces all of it onto the disk, and goes. The second call waits for nothing: a disk that hangs must not hold up who has given it up.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isRunning;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _stopping = true;
            isRunning = _thread is not null;
        }
        _queue.Close(Ended);
        Signal();
        if (isRunning)
            await _ended.Task;
    }

    /// <summary>There is something for the thread to look at.</summary>
    private void Signal()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0)
            _nudge?.Wake();
    }

    private void GiveUp(CancellationToken token)
    {
        if (_started.TrySetCanceled(token))
        {
            _stopping = true;
            Signal();
        }
    }

    private void Run()
    {
        try
        {
            Open();
            using (_options.Time.CreateTimer(static self => ((FileLog)self!).OnTimer(), this, s_lookEvery, s_lookEvery))
            {
                while (!_stopping)
                {
                    var isAtEnd = !Step();
                    TellOfProblem();
                    if (isAtEnd)
                        Wait();
                }
                if (IsStarted)
                    Stop();
            }
        }
        catch (Exception fault)
        {
            // After the start, only a reader that throws or a fault of our own: everybody is told, from now on, too.
            _failure = $"The log has failed: {fault.Message}";
            if (IsStarted)
                _options.Logger.LogLost(_failure);
            _started.TrySetException(fault is RecoveryUnavailableException ? fault : new RecoveryUnavailableException($"The log in {_options.Folder} can't be opened: {fault.Message}", innerException: fault));
        }
        Close();
        _ended.TrySetResult();
    }

    /// <summary>One round: writing, then reading; what goes wrong is tried again at the next occasion. False: the end of the log has been read.</summary>
    private bool Step()
    {
        TakeBarriers();
        Write();
        bool more;
        try
        {
            more = Read();
            _readProblem = null;
        }
        catch (Exception fault) when (IsStarted && fault is IOException or UnauthorizedAccessException)
        {
            _readProblem = $"The log can't be read: {fault.Message}";
            more = false;
        }
        if (!_lookDue)
            return more;
        _lookDue = false;
        try
        {
            Look();
            _lookProblem = null;
        }
        catch (Exception fault) when (IsStarted && fault is IOException or UnauthorizedAccessException)
        {
            _lookProblem = $"The folder of the log can't be looked after: {fault.Message}";
        }
        return true; // what has been found out is told when everything up to then has been read
    }

    /// <summary>Once when it begins, and once when it is over.</summary>
    private void TellOfProblem()
    {
        var problem = Problem;
        if (problem is not null == _isLost)
            return;
        _isLost = problem is not null;
        if (_isLost)
            _options.Logger.LogLost(problem!);
        else
            _options.Logger.LogBack();
    }

    private void Wait()
    {
        Interlocked.Exchange(ref _awake, 0);
        if (!_stopping && !_lookDue && !_queue.HasWaiting && !HasBarriers)
            _nudge!.Wait();
        Interlocked.Exchange(ref _awake, 1);
    }

    private void OnTimer()
    {
        _lookDue = true;
        Signal();
    }
}
