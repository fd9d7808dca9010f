using Holdfast.Adapters;

namespace Holdfast.Cluster;

/// <summary>
/// The clients of this server are asked for another one: that one is told how many they are, and then each answer as it comes. When nobody there waits any more, nothing is kept here either.
/// </summary>
internal sealed class RelayedAnswers(ClusterNode cluster, ulong asker, BroadcastMessage question, long id) : BroadcastQuestion(id)
{
    private List<EventArguments?>? _early = []; // null: the asker knows how many to expect
    private ITimer? _timer;
    private int _missing;

    /// <summary>All have been asked.</summary>
    public void Begin()
    {
        var count = AskedHere;
        cluster.Send(asker, new ClientCountMessage(question.Namespace, question.RequestId!, count));
        List<EventArguments?> early;
        lock (Gate)
        {
            early = _early!;
            _early = null;
            _missing += count;
            if (_missing > 0 && question.Target.Timeout is { } limit)
                _timer = cluster.Time.CreateTimer(static answers => ((RelayedAnswers)answers!).End(), this, limit, Timeout.InfiniteTimeSpan);
        }
        foreach (var answer in early)
            PassOn(answer);
    }

    public override void Complete(EventArguments arguments) => Take(arguments);

    public override void Fail(Exception exception) => Take(null);

    private void Take(EventArguments? answer)
    {
        lock (Gate)
        {
            if (_early is { } early)
            {
                early.Add(answer);
                _missing--;
                return;
            }
            if (--_missing == 0)
                _timer?.Dispose();
        }
        PassOn(answer);
    }

    // Outside of the lock, because it may take the log's.
    private void PassOn(EventArguments? answer) => cluster.Send(asker, new ClientAnswerMessage(question.Namespace, question.RequestId!, answer is null ? null : cluster.TryCapture(answer)));

    private void End()
    {
        Forget();
        _timer?.Dispose();
    }
}
