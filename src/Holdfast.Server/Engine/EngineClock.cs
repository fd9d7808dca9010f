namespace Holdfast.Engine;

/// <summary>
/// One clock for all sessions of a server. Deadlines of a kind last equally long, so the order in which they start is the order in which they end: each kind
/// is a <see cref="DeadlineLane"/>, a linked list through the waiting objects themselves. Starting, moving and cancelling cost the same for one session and for
/// a hundred thousand; a session costs no timer and no allocation. One timer is armed for the earliest head of all lanes and fires at most a hundred times a
/// second; whatever is due then is called in one pass, outside the lock.
/// </summary>
/// <remarks>
/// Lock order: a session's gate, then the clock's. The clock calls sessions only after it has let go of its lock, so between a deadline being taken from its
/// lane and <see cref="Deadline.OnDue"/> the session may have moved on: OnDue checks the session's own state, the lane is only the alarm.
/// </remarks>
internal sealed class EngineClock : IDisposable
{
    private static readonly long Granularity = TimeSpan.FromMilliseconds(10).Ticks;

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly List<DeadlineLane> _lanes = [];
    private readonly List<Deadline> _due = [];
    private long _armedFor = long.MaxValue;
    private bool _firing;
    private bool _disposed;

    public EngineClock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((EngineClock)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ticks (100 ns) since the clock was made; never goes back.</summary>
    public long Now => _time.GetElapsedTime(_origin).Ticks;

    public DateTimeOffset UtcNow => _time.GetUtcNow();

    /// <summary>A lane for deadlines that all last <paramref name="duration"/>.</summary>
    public DeadlineLane CreateLane(TimeSpan duration)
    {
        var lane = new DeadlineLane(this, duration.Ticks);
        lock (_gate)
        {
            _lanes.Add(lane);
        }

        return lane;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    internal void Start(DeadlineLane lane, Deadline deadline, long from)
    {
        lock (_gate)
        {
            deadline.Lane?.Unlink(deadline);
            deadline.Due = from + lane.Duration;
            lane.Append(deadline);

            // A pass that is under way arms the timer itself at its end.
            if (!_firing && deadline.Due < _armedFor)
            {
                Arm(deadline.Due, atLeast: 0);
            }
        }
    }

    internal void Cancel(Deadline deadline)
    {
        // Read without the lock: only the owner starts and cancels (under its gate); the only other writer is Fire, which can but clear it.
        if (deadline.Lane is null)
        {
            return;
        }

        lock (_gate)
        {
            deadline.Lane?.Unlink(deadline);
        }
    }

    /// <summary>Ends all deadlines of a lane now.</summary>
    internal void ExpireAll(DeadlineLane lane)
    {
        List<Deadline> all = [];
        lock (_gate)
        {
            while (lane.Head is { } head)
            {
                lane.Unlink(head);
                head.Due = long.MinValue;
                all.Add(head);
            }
        }

        foreach (var deadline in all)
        {
            deadline.OnDue();
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            if (_firing)
            {
                return;
            }

            _firing = true;
            _armedFor = long.MaxValue;
            var now = Now;
            foreach (var lane in _lanes)
            {
                while (lane.Head is { } head && head.Due <= now)
                {
                    lane.Unlink(head);
                    _due.Add(head);
                }
            }
        }

        foreach (var deadline in _due)
        {
            deadline.OnDue();
        }

        lock (_gate)
        {
            // A timer may come a fraction of a millisecond early; then nothing was due and the rest of the wait is short. After real work the next
            // pass is at least one granule away, so that a crowd whose deadlines lie close together is served in few passes.
            var atLeast = _due.Count == 0 ? 0 : Granularity;
            _due.Clear();
            _firing = false;
            var earliest = long.MaxValue;
            foreach (var lane in _lanes)
            {
                earliest = Math.Min(earliest, lane.Head?.Due ?? long.MaxValue);
            }

            if (earliest != long.MaxValue)
            {
                Arm(earliest, atLeast);
            }
        }
    }

    private void Arm(long due, long atLeast)
    {
        if (_disposed)
        {
            return;
        }

        // Whole milliseconds, rounded up: timers cut off the fraction, and a pass that comes early finds nothing.
        var wait = Math.Max(due - Now, atLeast);
        var milliseconds = Math.Max(1, (wait + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        _armedFor = due;
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
