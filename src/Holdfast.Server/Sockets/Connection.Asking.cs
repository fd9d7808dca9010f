using Holdfast.Recovery;
namespace Holdfast.Sockets;

// A CONNECT to a namespace that does not exist: its parents are asked whether it may. That may take long, and other packets go on; the name is taken meanwhile, so that a repeated CONNECT is one.
internal sealed partial class Connection
{
    /// <summary>So many CONNECTs of one connection wait at a time, or as many as have <c>InboxLimit</c> bytes; then reading pauses.</summary>
    private const int MostAsking = 32;

    private HashSet<string>? _asking;
    private long _askingWeight;

    private ValueTask AskParents(string name, ResumeRequest request, EventArgument auth, int size)
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
        var asking = AskParentsAsync(name, request, auth, weight);
        return isFull ? new ValueTask(asking) : default;
    }

    private async Task AskParentsAsync(string name, ResumeRequest request, EventArgument auth, int weight)
    {
        var parent = await _server.Namespaces.FindParentAsync(name, auth);
        lock (_gate)
        {
            _askingWeight -= weight;
            if (_closed)
                return; // nobody is there any more, so there is no reason to make a namespace
        }
        if (parent is not null && _server.Namespaces.EnterChild(name, parent) is { } ns)
        {
            Join(ns, request, auth, wasAsking: true);
            return;
        }
        lock (_gate)
            StopAsking(name);
        Send(_server.Parser.EncodeConnectError(name, parent is null ? "Invalid namespace" : "Too many namespaces", null));
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
