namespace Holdfast.Cluster;

/// <summary>Moves messages, and knows nothing of who is there. Delivers what one server sends in its order, to one message at a time.</summary>
internal interface IClusterWire
{
    /// <summary>From here on others are heard. Once.</summary>
    /// <param name="received">Gets who has sent a message, and the message.</param>
    void Listen(Action<ulong, ClusterMessage> received);

    /// <summary>To one server, or to all others. Keeps the order of the calls, and waits for nothing before it returns.</summary>
    Task SendAsync(ulong from, ulong? to, ClusterMessage message);
}

/// <summary>
/// A bus over something that only moves messages: who is there shows by what is heard. A server says that it is there when it starts, and all others answer; then it says so again whenever it has
/// said nothing to all for a while. Whoever has not been heard for twice that time is gone, until it is heard again.
/// </summary>
internal sealed class HeartbeatBus : IClusterBus, IAsyncDisposable
{
    /// <summary>A server that has said nothing to all for so long says that it is there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A server that has not been heard for so long is gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(1);

    private readonly IClusterWire _wire;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, long> _heard = [];
    private long _lastSaid;
    private bool _hasLeft;
    private IClusterMember? _member;
    private ITimer? _timer;

    public HeartbeatBus(ulong nodeId, IClusterWire wire, TimeProvider time)
    {
        NodeId = nodeId;
        _wire = wire;
        _time = time;
    }

    public ulong NodeId { get; }

    public IReadOnlyCollection<ulong> Others
    {
        get
        {
            lock (_gate)
                return [.. _heard.Keys];
        }
    }

    public void Attach(IClusterMember member)
    {
        _member = member;
        _wire.Listen(OnMessage);
        Say(ClusterMessageType.InitialHeartbeat);
        _timer = _time.CreateTimer(static bus => ((HeartbeatBus)bus!).Sweep(), this, s_sweep, s_sweep);
    }

    public Task PublishAsync(ClusterMessage message, Action<IReadOnlyCollection<ulong>>? placed = null)
    {
        placed?.Invoke(Others);
        return SendAsync(null, message);
    }

    public Task SendAsync(ulong node, ClusterMessage message) => SendAsync((ulong?)node, message);

    /// <summary>Says goodbye, and nothing more: whatever the others heard from now on would be a sign of life.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is null)
            return;
        await _timer.DisposeAsync();
        Task goodbye;
        lock (_gate)
        {
            _hasLeft = true;
            goodbye = _wire.SendAsync(NodeId, null, new PresenceMessage(ClusterMessageType.AdapterClose));
        }
        await goodbye;
    }

    private Task SendAsync(ulong? to, ClusterMessage message)
    {
        lock (_gate)
        {
            if (_hasLeft)
                return Task.FromException(new ObjectDisposedException(nameof(HeartbeatBus)));
            if (to is null)
                _lastSaid = _time.GetTimestamp();
            return _wire.SendAsync(NodeId, to, message);
        }
    }

    private void OnMessage(ulong from, ClusterMessage message)
    {
        if (from == NodeId)
            return;
        if (message.Type == ClusterMessageType.AdapterClose)
        {
            bool wasThere;
            lock (_gate)
                wasThere = _heard.Remove(from);
            if (wasThere)
                _member!.OnNodeGone(from);
            return;
        }
        // One without a name sends from outside of the cluster, and is no server.
        if (from != 0)
        {
            lock (_gate)
                _heard[from] = _time.GetTimestamp();
        }
        if (message.Type == ClusterMessageType.InitialHeartbeat)
            Say(ClusterMessageType.Heartbeat);
        else if (message is not PresenceMessage)
            _member!.Receive(from, message)?.Invoke();
    }

    private void Sweep()
    {
        List<ulong> gone = [];
        bool isQuiet;
        lock (_gate)
        {
            foreach (var (node, last) in _heard)
            {
                if (_time.GetElapsedTime(last) > Patience)
                    gone.Add(node);
            }
            foreach (var node in gone)
                _heard.Remove(node);
            isQuiet = _time.GetElapsedTime(_lastSaid) >= Interval;
        }
        if (isQuiet)
            Say(ClusterMessageType.Heartbeat);
        foreach (var node in gone)
            _member!.OnNodeGone(node);
    }

    // Nobody waits for it: if it does not get through, the next one may.
    private void Say(ClusterMessageType type) =>
        PublishAsync(new PresenceMessage(type)).ContinueWith(static said => _ = said.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
