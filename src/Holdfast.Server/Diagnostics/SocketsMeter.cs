using System.Diagnostics.Metrics;

namespace Holdfast.Diagnostics;

/// <summary>What the sockets layer counts, in the meter <c>Holdfast</c>.</summary>
internal sealed class SocketsMeter
{
    private readonly UpDownCounter<long> _sockets;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _repeatedConnects;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _volatileDropped;
    private readonly Counter<long> _resumes;
    private readonly Counter<long> _messagesIgnored;
    private readonly Meter _meter;

    public SocketsMeter(IMeterFactory factory)
    {
        var meter = _meter = factory.Create("Holdfast");
        _sockets = meter.CreateUpDownCounter<long>("holdfast.active_sockets", "{socket}", "Sockets that are connected to a namespace.");
        _violations = meter.CreateCounter<long>("holdfast.protocol.violations", "{packet}", "Packets that ended their connection because they can't be decoded or were out of place.");
        _repeatedConnects = meter.CreateCounter<long>("holdfast.connects.repeated", "{packet}", "CONNECTs that were ignored because one to the same namespace was pending on the connection.");
        _dropped = meter.CreateCounter<long>("holdfast.events.dropped", "{event}", "Events of a broadcast that a receiver missed because its outbox was full.");
        _volatileDropped = meter.CreateCounter<long>("holdfast.volatile.dropped", "{event}", "Volatile events that a receiver missed because its connection was not ready.");
        _resumes = meter.CreateCounter<long>("holdfast.recovery.resumes", "{session}", "Clients that wanted their session back, by what became of them and why.");
        _messagesIgnored = meter.CreateCounter<long>("holdfast.cluster.messages_ignored", "{message}", "Messages of other servers that were ignored because they made no sense, or because too much waited for the handlers.");
    }

    /// <summary>Of another server.</summary>
    public void MessageIgnored() => _messagesIgnored.Add(1);

    public void SocketOpened() => _sockets.Add(1);

    public void SocketClosed() => _sockets.Add(-1);

    public void Violation() => _violations.Add(1);

    public void RepeatedConnect() => _repeatedConnects.Add(1);

    public void Dropped() => _dropped.Add(1);

    public void VolatileDropped() => _volatileDropped.Add(1);

    public void Resumed(RecoveryOutcome outcome, RecoveryReason reason) =>
        _resumes.Add(1, KeyValuePair.Create("outcome", (object?)outcome.ToString()), KeyValuePair.Create("reason", (object?)reason.ToString()));

    /// <summary>Shows how much is kept for clients that are away.</summary>
    public void Observe(Func<int> parkedSessions, Func<int> logEntries, Func<long> logBytes, Func<double> reach)
    {
        _meter.CreateObservableGauge("holdfast.recovery.parked_sessions", parkedSessions, "{session}", "Sessions that wait for their clients.");
        _meter.CreateObservableGauge("holdfast.recovery.log_entries", logEntries, "{event}", "Events that are kept for replay.");
        _meter.CreateObservableGauge("holdfast.recovery.log_size", logBytes, "By", "Bytes of the events that are kept for replay.");
        _meter.CreateObservableGauge("holdfast.recovery.window", reach, "s", "How far back events are complete. Less than asked for: the bounds on the log have dropped some.");
    }
}
