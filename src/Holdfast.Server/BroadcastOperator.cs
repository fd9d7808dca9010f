using Holdfast.Adapters;

namespace Holdfast;

/// <summary>
/// A choice of receivers, made by <c>To</c>, <c>Except</c> and their kin on a server, a namespace or a socket. Immutable and thread safe: each call returns a new one,
/// so it can be kept and shared.
/// </summary>
public sealed class BroadcastOperator : Broadcaster
{
    internal BroadcastOperator(SocketIONamespace ns, BroadcastTarget target)
    {
        Namespace = ns;
        Target = target;
    }

    /// <summary>This choice itself, so that operators may stand in any order: one that was made on a socket leaves out that socket already.</summary>
    public BroadcastOperator Broadcast => this;

    private protected override SocketIONamespace Namespace { get; }

    private protected override BroadcastTarget Target { get; }
}
