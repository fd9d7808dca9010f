using Holdfast.Adapters;

namespace Holdfast.Cluster;

/// <summary>
/// An event for the clients of other servers, who are to answer it. Each server says first how many it has asked, and then passes on each answer; all of them are counted with those of our own clients.
/// </summary>
internal sealed class AskRequest(string id, BroadcastAnswers answers, ClusterNode cluster) : ClusterRequest(id)
{
    private readonly Dictionary<ulong, int> _missing = []; // of those who have said how many

    /// <summary>How many servers are there and have not said how many clients they have asked.</summary>
    public int Silent
    {
        get
        {
            lock (Gate)
                return Open - _missing.Count;
        }
    }

    /// <summary>Nobody waits any more.</summary>
    public void Forget() => cluster.Forget(this);

    // As long as a server has not said how many its answers count as one.
    protected override void OnPlaced() => answers.Expect(Asked);

    protected override bool Take(ulong node, ClusterMessage answer)
    {
        var isCounted = _missing.TryGetValue(node, out var missing);
        switch (answer)
        {
            case ClientCountMessage { Count: var count } when !isCounted:
                answers.ExpectInstead(count);
                missing = count;
                break;
            case ClientAnswerMessage { Answer: var values } when isCounted:
                missing--;
                if (values is null)
                    answers.Fail(new SocketDisconnectedException(default));
                else
                    answers.Complete(values);
                break;
            default:
                return false;
        }
        _missing[node] = missing;
        if (missing == 0)
            _missing.Remove(node);
        return missing == 0;
    }

    protected override void OnLeft(ulong node) => answers.GiveUp(_missing.Remove(node, out var missing) ? missing : 1);
}
