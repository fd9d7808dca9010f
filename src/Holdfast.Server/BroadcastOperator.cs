using Holdfast.Adapters;

namespace Holdfast;

/// <summary>
/// A choice of receivers, made by <c>To</c>, <c>Except</c> and their kin on a server, a namespace or a socket. Immutable and thread safe: each call returns a new one,
/// so it can be kept and shared.
/// </summary>
public sealed class BroadcastOperator : Broadcaster
{
    private readonly Broadcaster _origin;

    internal BroadcastOperator(Broadcaster origin, BroadcastTarget target)
    {
        _origin = origin;
        Target = target;
    }

    /// <summary>This choice itself, so that operators may stand in any order: one that was made on a socket leaves out that socket already.</summary>
    public BroadcastOperator Broadcast => this;

    internal override SocketIOServer Owner => _origin.Owner;

    internal override SocketIONamespace[] Reach => _origin.Reach;

    private protected override BroadcastTarget Target { get; }

    internal override Task<IReadOnlyList<RemoteSocket>> FetchAsync(BroadcastTarget target, CancellationToken cancellationToken) => _origin.FetchAsync(target, cancellationToken);

    private protected override BroadcastOperator With(BroadcastTarget target) => new(_origin, target);
}
