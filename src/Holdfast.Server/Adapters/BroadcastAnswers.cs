using Holdfast.Protocol;

namespace Holdfast.Adapters;

/// <summary>
/// Collects the answers to one broadcast, and ends when nobody is left who could answer, when the time is up, or when the caller gives up. One object stands in the table of every
/// receiver; it remembers in which, so that at its end none keeps it.
/// </summary>
internal sealed class BroadcastAnswers(long id) : PendingAck
{
    private readonly Lock _gate = new();
    private readonly List<EventArguments> _answers = [];
    private readonly List<PendingAcks> _asked = [];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // the asking itself, so that a quick first answer does not end it

    public long Id => id;

    public int Asked => _asked.Count;

    /// <summary>What ended one of the questions without an answer; null if nothing but the time did.</summary>
    public Exception? Failure { get; private set; }

    public void Ask(PendingAcks receiver)
    {
        lock (_gate)
        {
            _open++;
            _asked.Add(receiver);
        }
        receiver.Add(id, this);
    }

    /// <summary>Called when all receivers have been asked.</summary>
    public void Close() => CountDown(null);

    public override void Complete(EventArguments arguments) => CountDown(arguments);

    public override void Fail(Exception exception)
    {
        Failure = exception;
        CountDown(null);
    }

    /// <summary>The answers that came within the time, in the order in which they came.</summary>
    public async Task<IReadOnlyList<EventArguments>> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await _all.Task.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
        }
        finally
        {
            foreach (var receiver in _asked)
                receiver.TryRemove(id, this);
        }
        lock (_gate)
            return [.. _answers];
    }

    private void CountDown(EventArguments? answer)
    {
        lock (_gate)
        {
            if (answer is not null)
                _answers.Add(answer);
            if (--_open > 0)
                return;
        }
        _all.TrySetResult();
    }
}
