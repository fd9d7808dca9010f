namespace Holdfast.Recovery.Files;

/// <summary>
/// <see cref="FileSyncMode.Interval"/>: forces what this node has written onto the disk, on a thread of its own, because a disk takes its time and reading and writing go on meanwhile. What others have
/// written is their own matter.
/// </summary>
internal sealed class FileSync : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _due = new(0);
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private HashSet<Segment> _dirty = [];
    private List<Segment> _retired = [];
    private volatile string? _problem;
    private volatile bool _ended;

    public FileSync(TimeSpan interval, TimeProvider time)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Socket.IO log sync" };
        _thread.Start();
        _timer = time.CreateTimer(static state => ((FileSync)state!)._due.Release(), this, interval, interval);
    }

    public string? Problem => _problem;

    /// <summary>There is something new in it.</summary>
    public void Wrote(Segment segment)
    {
        lock (_gate)
            _dirty.Add(segment);
    }

    /// <summary>Nothing more is written to it, and it is not needed any more when it is on the disk.</summary>
    public void Retire(Segment segment)
    {
        lock (_gate)
            _retired.Add(segment);
    }

    /// <summary>Syncs what is left.</summary>
    public void Dispose()
    {
        if (_ended)
            return;
        _timer.Dispose();
        _ended = true;
        _due.Release();
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
        HashSet<Segment> dirty;
        List<Segment> retired;
        lock (_gate)
        {
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
            _problem = $"The log can't be forced onto the disk: {fault.Message}";
        }
        foreach (var segment in retired)
            segment.Dispose();
    }
}
