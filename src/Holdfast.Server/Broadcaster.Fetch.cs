using Holdfast.Adapters;

namespace Holdfast;

public abstract partial class Broadcaster
{
    /// <summary>
    /// All matching sockets that are connected at this moment, on all servers, in no particular order; those whose clients are away are not among them. What is returned is a snapshot, and can emit to
    /// its socket, move it between rooms and disconnect it, wherever that is. Other servers have 5 seconds to answer, or as long as <see cref="Timeout"/> says; with <see cref="Local"/> none is asked.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotSupportedException">On a <see cref="ParentNamespace"/>: the children that exist on this server need not be those of the others.</exception>
    /// <exception cref="TimeoutException">In the task: not all servers have answered in time; the message says how many have.</exception>
    public Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return FetchAsync(Target, cancellationToken);
    }

    internal virtual Task<IReadOnlyList<RemoteSocket>> FetchAsync(BroadcastTarget target, CancellationToken cancellationToken)
    {
        if (Owner.Cluster is { } cluster && !target.Local && Reach is [var ns])
            return cluster.FetchAsync(ns, target, cancellationToken);
        var found = new List<RemoteSocket>();
        foreach (var reached in Reach)
        {
            foreach (var (socket, rooms) in reached.Adapter.Connected(target))
                found.Add(new RemoteSocket((ServerSocket)socket, rooms));
        }
        return Task.FromResult<IReadOnlyList<RemoteSocket>>(found);
    }
}
