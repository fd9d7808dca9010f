using Holdfast.Cluster;

namespace Holdfast.Adapters;

/// <summary>
/// Collects the answers to one broadcast, and ends when nobody is left who could answer, when the time is up, or when the caller gives up. Receivers of other servers are counted with those of this
/// one, and an end of their server counts as theirs.
/// </summary>
/// <param name="id">The id under which the receivers of this server are asked.</param>
/// <param name="isSingle">One answer is all that is wanted.</param>
internal sealed class BroadcastAnswers(long id, bool isSingle = false) : BroadcastQuestion(id)
{
    private readonly List<EventArguments> _answers = [];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<AskRequest>? _requests;
    private long _open = 1; // the asking itself, so that a quick first answer does not end it
    private long _askedElsewhere;

    public int Asked
    {
        get
        {
            lock (Gate)
                return (int)Math.Min(int.MaxValue, AskedHere + _askedElsewhere);
        }
    }

    /// <summary>How many servers have not even said how many receivers they have asked.</summary>
    public int SilentServers => _requests?.Sum(request => request.Silent) ?? 0;

    /// <summary>What ended one of the questions without an answer; null if nothing but the time did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>It is asked on other servers, too.</summary>
    public void Include(AskRequest request) => (_requests ??= []).Add(request);

    /// <summary>Called when all receivers have been asked.</summary>
    public void Close() => GiveUp(1);

    /// <summary>So many more have to say something.</summary>
    public void Expect(int count)
    {
        lock (Gate)
            _open += count;
    }

    /// <summary>One of those has said how many answers come in its place.</summary>
    public void ExpectInstead(int count)
    {
        lock (Gate)
        {
            _askedElsewhere += count;
            _open += count;
        }
        GiveUp(1);
    }

    /// <summary>So many of them will say nothing.</summary>
    public void GiveUp(int count)
    {
        lock (Gate)
        {
            _open -= count;
            if (_open > 0)
                return;
        }
        _all.TrySetResult();
    }

    public override void Complete(EventArguments arguments)
    {
        lock (Gate)
        {
            _answers.Add(arguments);
            if (--_open > 0 && !isSingle)
                return;
        }
        _all.TrySetResult();
    }

    public override void Fail(Exception exception)
    {
        Failure = exception;
        GiveUp(1);
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
        lock (Gate)
            return [.. _answers];
    }

    public override void Forget()
    {
        base.Forget();
        foreach (var request in _requests ?? [])
            request.Forget();
    }

    protected override void OnAsking() => _open++;
}
