namespace Holdfast.Recovery.Files;

/// <summary>
/// Forces what this node has written onto the disk, on a thread of its own, because a disk takes its time and reading and writing go on meanwhile. One sync serves all that wait when it begins. What
/// others have written is their own matter.
/// </summary>
internal sealed class FileSync : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _due = new(0);
    private readonly ITimer? _timer;
    private readonly Thread _thread;
    private List<PendingAppend> _waiting = [];
    private HashSet<Segment> _dirty = [];
    private List<Segment> _retired = [];
    private long _writes;
    private long _failedWrites; // up to this one; this thread only
    private volatile string? _problem;
    private volatile bool _ended;

    /// <param name="interval">null: whenever somebody waits for it.</param>
    /// <param name="time">Measures the interval.</param>
    public FileSync(TimeSpan? interval, TimeProvider time)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Socket.IO log sync" };
        _thread.Start();
        if (interval is { } every)
            _timer = time.CreateTimer(static state => ((FileSync)state!).Begin(), this, every, every);
    }

    public string? Problem => _problem;

    /// <summary>There is something new in it. Returns the number of the write.</summary>
    public long Wrote(Segment segment)
    {
        lock (_gate)
        {
            _dirty.Add(segment);
            return ++_writes;
        }
    }

    /// <summary>What was written last is not needed any more when it is on the disk.</summary>
    public void Retire(Segment segment)
    {
        lock (_gate)
            _retired.Add(segment);
        Begin();
    }

    /// <summary>Completes an append when it is on the disk.</summary>
    public void Complete(PendingAppend append)
    {
        lock (_gate)
            _waiting.Add(append);
    }

    public void Begin() => _due.Release();

    /// <summary>Syncs what is left.</summary>
    public void Dispose()
    {
        if (_ended)
            return;
        _timer?.Dispose();
        _ended = true;
        Begin();
        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            _due.Wait();
            while (_due.Wait(0))
            {
            }
            var isLast = _ended;
            SyncOnce();
            if (isLast)
                return;
        }
    }

    private void SyncOnce()
    {
        List<PendingAppend> waiting;
        HashSet<Segment> dirty;
        List<Segment> retired;
        long writes;
        lock (_gate)
        {
            writes = _writes;
            (waiting, _waiting) = (_waiting, []);
            (dirty, _dirty) = (_dirty, []);
            (retired, _retired) = (_retired, []);
        }
        try
        {
            foreach (var segment in dirty)
                segment.Sync();
            if (dirty.Count > 0)
                _problem = null;
        }
        catch (IOException fault)
        {
            // The system forgets what it could not write, and says so once: a later sync proves nothing about these.
            _failedWrites = writes;
            _problem = $"The log can't be forced onto the disk: {fault.Message}";
        }
        foreach (var append in waiting)
        {
            if (append.Write > _failedWrites)
                append.TrySetResult();
            else
                append.Fail("The record is in the log, but could not be forced onto the disk.", outcomeUnknown: true);
        }
        foreach (var segment in retired)
            segment.Dispose();
    }
}
