using Holdfast.Recovery;

namespace Holdfast.Cluster;

/// <summary>
/// A question to other servers that is open: who has still to answer. Whoever leaves has not; an answer of somebody who was not asked, or has answered, is ignored. Thread-safe.
/// </summary>
internal abstract class ClusterRequest(string id)
{
    private readonly HashSet<ulong> _open = [];
    private readonly HashSet<ulong> _gone = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isPlaced;

    public string Id => id;

    /// <summary>How many servers were asked.</summary>
    public int Asked { get; private set; }

    /// <summary>How many of them have neither answered nor gone.</summary>
    public int Open
    {
        get
        {
            lock (Gate)
                return _open.Count;
        }
    }

    /// <summary>Ends when nobody is left who could answer.</summary>
    public Task Done => _done.Task;

    protected Lock Gate { get; } = new();

    /// <summary>It has been asked, and these have heard it.</summary>
    public void Place(IReadOnlyCollection<ulong> nodes)
    {
        lock (Gate)
        {
            _isPlaced = true;
            Asked = nodes.Count;
            _open.UnionWith(nodes);
            OnPlaced();
            foreach (var node in _gone)
                Leave(node);
        }
        End();
    }

    public void OnAnswer(ulong node, ClusterMessage answer)
    {
        lock (Gate)
        {
            if (!_open.Contains(node))
                return;
            if (Take(node, answer))
                _open.Remove(node);
        }
        End();
    }

    public void OnNodeGone(ulong node)
    {
        lock (Gate)
        {
            _gone.Add(node); // the message may be on its way to its place
            Leave(node);
        }
        End();
    }

    /// <summary>Under the lock.</summary>
    protected virtual void OnPlaced()
    {
    }

    /// <summary>Under the lock. True: this was all that the server has to say.</summary>
    protected abstract bool Take(ulong node, ClusterMessage answer);

    /// <summary>Under the lock: the server will say nothing more.</summary>
    protected virtual void OnLeft(ulong node)
    {
    }

    /// <summary>Under the lock: what is known is enough, whatever the others say.</summary>
    protected void Forgo() => _open.Clear();

    private void Leave(ulong node)
    {
        if (_open.Remove(node))
            OnLeft(node);
    }

    private void End()
    {
        lock (Gate)
        {
            if (!_isPlaced || _open.Count > 0)
                return;
        }
        _done.TrySetResult();
    }
}

/// <summary>Which sockets do you have?</summary>
internal sealed class FetchRequest(string id) : ClusterRequest(id)
{
    private readonly List<FetchedSocket> _sockets = [];

    /// <summary>All that have been named.</summary>
    public FetchedSocket[] Sockets
    {
        get
        {
            lock (Gate)
                return [.. _sockets];
        }
    }

    protected override bool Take(ulong node, ClusterMessage answer)
    {
        if (answer is not FetchedMessage fetched)
            return false;
        _sockets.AddRange(fetched.Sockets);
        return fetched.IsLast;
    }
}

/// <summary>What do you say to this event?</summary>
internal sealed class ServerSideRequest(string id) : ClusterRequest(id)
{
    private readonly List<EventArgument> _answers = [];

    /// <summary>In the order in which they came.</summary>
    public EventArgument[] Answers
    {
        get
        {
            lock (Gate)
                return [.. _answers];
        }
    }

    protected override bool Take(ulong node, ClusterMessage answer)
    {
        if (answer is not ServerSideAnswerMessage said)
            return false;
        if (said.Answer is { } value)
            _answers.Add(value);
        return true;
    }
}

/// <summary>How does this session stand?</summary>
internal sealed class SessionRequest(string id) : ClusterRequest(id)
{
    private SessionRecord? _known;

    /// <summary>What the first who knows has said; null: nobody has.</summary>
    public SessionRecord? Known
    {
        get
        {
            lock (Gate)
                return _known;
        }
    }

    protected override bool Take(ulong node, ClusterMessage answer)
    {
        if (answer is not SessionAnswerMessage said)
            return false;
        _known ??= said.Known;
        if (_known is not null)
            Forgo();
        return true;
    }
}
