namespace Holdfast.Cluster;

/// <summary>
/// Moves messages between the servers of a cluster, and knows who these are: all that the cluster protocol needs, so it stands once whatever carries it. What one server sends reaches each other
/// server once and in the order of the calls, or is lost together with everything else that shows that this server can't be reached. Thread-safe.
/// </summary>
internal interface IClusterBus
{
    /// <summary>Names this server: random, new at each start, never zero.</summary>
    ulong NodeId { get; }

    /// <summary>The other servers, as far as they are known to be there at this moment.</summary>
    IReadOnlyCollection<ulong> Others { get; }

    /// <summary>From here on this server hears what others say. Once, before the host starts.</summary>
    void Attach(IClusterMember member);

    /// <summary>To all others. Completes when it is on its way; fails if it is not and never will be, or nobody knows.</summary>
    /// <param name="message">What they are told.</param>
    /// <param name="placed">
    /// Called once, when the message has its place among everything that the servers do, and before anything that answers it is heard; with those who will hear it. It must not wait for anything.
    /// </param>
    Task PublishAsync(ClusterMessage message, Action<IReadOnlyCollection<ulong>>? placed = null);

    /// <summary>To one of them. If that one is gone nothing happens.</summary>
    Task SendAsync(ulong node, ClusterMessage message);
}

/// <summary>What hears what other servers say. Called outside of locks, for one message at a time; returns quickly and does not throw.</summary>
internal interface IClusterMember
{
    /// <summary>Another server says something. What is returned is to be called at the message's place in the order, before the next message; null: there is nothing of that kind.</summary>
    Action? Receive(ulong from, ClusterMessage message);

    /// <summary>Another server has said something that makes no sense.</summary>
    void OnMalformed(ulong from, string reason);

    /// <summary>A server is gone, as far as the bus can tell. May be called while a message is heard.</summary>
    void OnNodeGone(ulong node);
}
