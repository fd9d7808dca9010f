using Holdfast.Adapters;

namespace Holdfast;

public abstract partial class Broadcaster
{
    /// <summary>
    /// All matching sockets that are connected at this moment, in no particular order; those whose clients are away are not among them. What is returned is a snapshot, and can emit to its socket,
    /// move it between rooms and disconnect it.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotSupportedException">On a <see cref="ParentNamespace"/>: the children that exist on this server need not be those of the others.</exception>
    public Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Fetch(Target));
    }

    internal virtual IReadOnlyList<RemoteSocket> Fetch(BroadcastTarget target)
    {
        var found = new List<RemoteSocket>();
        foreach (var ns in Reach)
        {
            foreach (var (socket, rooms) in ns.Adapter.Connected(target))
                found.Add(new RemoteSocket((ServerSocket)socket, rooms));
        }
        return found;
    }
}
