namespace Holdfast.Engine;

/// <summary>
/// Something that waits for a moment on the <see cref="EngineClock"/>: in one lane at a time, or in none. Its owner starts and cancels it under one lock of its
/// own, never from two threads at once.
/// </summary>
internal abstract class Deadline
{
    internal DeadlineLane? Lane;
    internal Deadline? Previous;
    internal Deadline? Next;

    /// <summary>The moment, in ticks of <see cref="EngineClock.Now"/>.</summary>
    internal long Due;

    /// <summary>
    /// Called outside all locks when the moment has come. The owner may have restarted or cancelled the deadline since it was taken from the lane, so the
    /// implementation looks at its own state first. Must not throw.
    /// </summary>
    internal abstract void OnDue();
}

/// <summary>
/// Deadlines of one duration, the earliest first. A start that is counted from a moment in the past (see the heartbeat) may stand a few milliseconds behind a
/// later one; who needs more than that compares the clock.
/// </summary>
internal sealed class DeadlineLane(EngineClock clock, long duration)
{
    private Deadline? _tail;

    public long Duration { get; } = duration;

    internal Deadline? Head { get; private set; }

    /// <summary>Starts the deadline now; one that is waiting already, in this lane or another, is moved.</summary>
    public void Start(Deadline deadline) => clock.Start(this, deadline, clock.Now);

    /// <summary>Starts the deadline as if at <paramref name="from"/>.</summary>
    public void Start(Deadline deadline, long from) => clock.Start(this, deadline, from);

    internal void Append(Deadline deadline)
    {
        deadline.Lane = this;
        deadline.Previous = _tail;
        if (_tail is null)
        {
            Head = deadline;
        }
        else
        {
            _tail.Next = deadline;
        }

        _tail = deadline;
    }

    internal void Unlink(Deadline deadline)
    {
        if (deadline.Previous is null)
        {
            Head = deadline.Next;
        }
        else
        {
            deadline.Previous.Next = deadline.Next;
        }

        if (deadline.Next is null)
        {
            _tail = deadline.Previous;
        }
        else
        {
            deadline.Next.Previous = deadline.Previous;
        }

        deadline.Lane = null;
        deadline.Previous = null;
        deadline.Next = null;
    }
}
