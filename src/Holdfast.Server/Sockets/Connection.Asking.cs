using Holdfast.Recovery;
namespace Holdfast.Sockets;

// A CONNECT that can't be decided at once. One to a namespace that does not exist: its parents are asked whether it may. One of a client that wants its session back, when nodes share a log: this node
// has to have read everything that the client may have seen elsewhere, or that others have done to the session. Either may take long, and other packets go on; the name is taken meanwhile, so that a
// repeated CONNECT is one.
internal sealed partial class Connection
{
    /// <summary>So many CONNECTs of one connection wait at a time, or as many as have <c>InboxLimit</c> bytes; then reading pauses.</summary>
    private const int MostAsking = 32;

    /// <summary>How long a client waits until this node has read what it needs to know of it.</summary>
    private static readonly TimeSpan ReadOnTime = TimeSpan.FromSeconds(10);

    private HashSet<string>? _asking;
    private long _askingWeight;

    private ValueTask Ask(string name, ResumeRequest request, EventArgument auth, int size)
    {
        var weight = size + (_server.Options.InboxLimit / MostAsking);
        bool isNew, isFull;
        lock (_gate)
        {
            if (_closed)
                return default;
            isNew = (_asking ??= new(StringComparer.Ordinal)).Add(name);
            if (isNew)
                _askingWeight += weight;
            isFull = _askingWeight >= _server.Options.InboxLimit;
        }
        if (!isNew)
        {
            IgnoreRepeated(name);
            return default;
        }
        var asking = AskAsync(name, request, auth, weight);
        return isFull ? new ValueTask(asking) : default;
    }

    private async Task AskAsync(string name, ResumeRequest request, EventArgument auth, int weight)
    {
        var isRead = request.PrivateId is null || await ReadOnAsync(request);
        var ns = isRead ? _server.Namespaces.Enter(name) : null;
        var parent = isRead && ns is null ? await _server.Namespaces.FindParentAsync(name, auth) : null;
        bool isOver;
        lock (_gate)
        {
            _askingWeight -= weight;
            isOver = _closed;
        }
        if (isOver)
        {
            // Nobody is there any more, so there is no reason to make a namespace.
            if (ns is not null)
                _server.Namespaces.Leave(ns);
            return;
        }
        if (ns is not null || (parent is not null && (ns = _server.Namespaces.EnterChild(name, parent)) is not null))
        {
            Join(ns, request, auth, wasAsking: true);
            return;
        }
        lock (_gate)
            StopAsking(name);
        Send(_server.Parser.EncodeConnectError(name, !isRead ? "Service unavailable" : parent is null ? "Invalid namespace" : "Too many namespaces", null));
    }

    /// <summary>False: the log can't be read, or not in a time that a client waits.</summary>
    private async Task<bool> ReadOnAsync(ResumeRequest request)
    {
        try
        {
            if (_server.Recovery is { IsShared: true } store)
            {
                await store.Road.Log.CatchUpAsync(CancellationToken.None).WaitAsync(ReadOnTime, _server.Time);
                if (store.DoubtOf(request) is { } doubt)
                    await _server.Cluster!.LearnAsync(store, doubt);
            }
            return true;
        }
        catch (Exception failure) when (failure is RecoveryUnavailableException or TimeoutException)
        {
            return false;
        }
    }

    private bool IsAsking(string name) => _asking?.Contains(name) == true;

    private bool StopAsking(string name)
    {
        var wasAsking = _asking?.Remove(name) == true;
        if (_asking is { Count: 0 })
            _asking = null;
        return wasAsking;
    }
}
