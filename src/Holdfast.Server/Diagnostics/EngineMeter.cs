using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Holdfast.Diagnostics;

/// <summary>
/// What the engine measures, on the meter <c>Holdfast</c>: names, units and attributes by OpenTelemetry's conventions. An instrument that nobody listens to
/// costs one check.
/// </summary>
internal sealed class EngineMeter
{
    public const string Name = "Holdfast";
    private const string Transport = "holdfast.transport";
    private const string Direction = "network.io.direction";

    private static readonly KeyValuePair<string, object?> Receive = new(Direction, "receive");
    private static readonly KeyValuePair<string, object?> Transmit = new(Direction, "transmit");

    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _opened;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _upgrades;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _packets;
    private readonly Counter<long> _bytes;

    public EngineMeter(Meter meter)
    {
        _active = meter.CreateUpDownCounter<long>("holdfast.engine.active_sessions", "{session}", "Sessions that are open now.");
        _opened = meter.CreateCounter<long>("holdfast.engine.sessions", "{session}", "Sessions opened.");
        _duration = meter.CreateHistogram<double>(
            "holdfast.engine.session.duration",
            "s",
            "How long sessions lasted, with the reason of their end.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10, 60, 300, 1800, 7200, 43200, 86400] });
        _upgrades = meter.CreateCounter<long>("holdfast.engine.upgrades", "{upgrade}", "Sessions that moved from polling to WebSocket.");
        _refused = meter.CreateCounter<long>("holdfast.engine.refused_requests", "{request}", "Requests refused, by the protocol's error code.");
        _packets = meter.CreateCounter<long>("holdfast.engine.packets", "{packet}", "Messages received; packets sent.");
        _bytes = meter.CreateCounter<long>("holdfast.engine.io", "By", "Bytes of these, before the transport's framing.");
    }

    public void SessionOpened(string transport)
    {
        _active.Add(1, new KeyValuePair<string, object?>(Transport, transport));
        _opened.Add(1, new KeyValuePair<string, object?>(Transport, transport));
    }

    public void SessionClosed(string transport, CloseReason reason, TimeSpan duration)
    {
        _active.Add(-1, new KeyValuePair<string, object?>(Transport, transport));
        if (_duration.Enabled)
        {
            _duration.Record(duration.TotalSeconds, new TagList { { Transport, transport }, { "holdfast.close.reason", reason.ToString() } });
        }
    }

    public void Upgraded()
    {
        _active.Add(-1, new KeyValuePair<string, object?>(Transport, "polling"));
        _active.Add(1, new KeyValuePair<string, object?>(Transport, "websocket"));
        _upgrades.Add(1);
    }

    public void Refused(int code)
    {
        if (_refused.Enabled)
        {
            _refused.Add(1, new KeyValuePair<string, object?>("holdfast.refusal.code", code));
        }
    }

    public void Received(int bytes)
    {
        _packets.Add(1, Receive);
        _bytes.Add(bytes, Receive);
    }

    public void Sent(int packets, int bytes)
    {
        _packets.Add(packets, Transmit);
        _bytes.Add(bytes, Transmit);
    }
}
