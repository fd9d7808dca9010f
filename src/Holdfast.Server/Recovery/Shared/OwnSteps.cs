namespace Holdfast.Recovery;

/// <summary>
/// What this node is doing in a shared log, in the order in which it began: steps that wait until their record comes back, and steps that have no record and only wait for those before them. So
/// an answer never overtakes the event that was emitted before it, and everything of this node happens in the order of its calls. Guarded by the log's lock.
/// </summary>
internal sealed class OwnSteps
{
    private readonly Queue<OwnStep> _steps = new();
    private long _last;

    /// <summary>Nothing is on its way: a step without record need not wait.</summary>
    public bool IsEmpty => _steps.Count == 0;

    public OwnStep Add(Action run, bool hasRecord, Lock? outer)
    {
        var step = new OwnStep(run, hasRecord ? ++_last : 0, outer);
        _steps.Enqueue(step);
        return step;
    }

    /// <summary>The lock that the step of that number wants to have been taken before the log's.</summary>
    public Lock? OuterOf(long number)
    {
        foreach (var step in _steps)
        {
            if (step.Number == number)
                return step.Outer;
        }
        return null;
    }

    /// <summary>The record of that number has come back. False: nobody waits for it any more, because its append was said to have failed; it is in the log all the same.</summary>
    public bool OnRecord(long number)
    {
        while (_steps.TryPeek(out var head) && (!head.HasRecord || head.Number < number))
        {
            _steps.Dequeue();
            // A record of ours that is passed by has failed, even if nobody has said so yet; or it was written, and this node has not been able to read it.
            if (!head.HasRecord)
                head.Run();
            else
                head.Fail(new RecoveryUnavailableException("The log has not handed back what was written to it.", outcomeUnknown: true));
        }
        if (!_steps.TryPeek(out var own) || own.Number != number)
            return false;
        _steps.Dequeue();
        var isAwaited = !own.HasFailed;
        own.Run();
        RunLocal();
        return isAwaited;
    }

    /// <summary>Its record is not in the log, or nobody can say so: it does not happen, and those behind it wait no longer.</summary>
    public void Fail(OwnStep step, Exception reason)
    {
        step.Fail(reason);
        RunLocal();
    }

    private void RunLocal()
    {
        while (_steps.TryPeek(out var head) && (!head.HasRecord || head.HasFailed))
        {
            _steps.Dequeue();
            head.Run();
        }
    }
}

/// <summary>One of them, and the task of whoever waits for it.</summary>
internal sealed class OwnStep(Action run, long number, Lock? outer)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Number => number;

    public Lock? Outer => outer;

    public bool HasRecord => number > 0;

    public bool HasFailed => _done.Task.IsFaulted;

    public Task Task => _done.Task;

    /// <summary>At its place. One whose record has failed does nothing.</summary>
    public void Run()
    {
        if (HasFailed)
            return;
        try
        {
            run();
            _done.TrySetResult();
        }
        catch (Exception failure)
        {
            _done.TrySetException(failure);
        }
    }

    public void Fail(Exception reason) => _done.TrySetException(reason);
}
