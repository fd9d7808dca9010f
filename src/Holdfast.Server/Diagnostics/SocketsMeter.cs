using System.Diagnostics.Metrics;

namespace Holdfast.Diagnostics;

/// <summary>What the sockets layer counts, in the meter <c>Holdfast</c>.</summary>
internal sealed class SocketsMeter
{
    private readonly UpDownCounter<long> _sockets;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _dropped;

    public SocketsMeter(IMeterFactory factory)
    {
        var meter = factory.Create("Holdfast");
        _sockets = meter.CreateUpDownCounter<long>("holdfast.active_sockets", "{socket}", "Sockets that are connected to a namespace.");
        _violations = meter.CreateCounter<long>("holdfast.protocol.violations", "{packet}", "Packets that ended their connection because they can't be decoded or were out of place.");
        _dropped = meter.CreateCounter<long>("holdfast.events.dropped", "{event}", "Events of a broadcast that a receiver missed because its outbox was full.");
    }

    public void SocketOpened() => _sockets.Add(1);

    public void SocketClosed() => _sockets.Add(-1);

    public void Violation() => _violations.Add(1);

    public void Dropped() => _dropped.Add(1);
}
