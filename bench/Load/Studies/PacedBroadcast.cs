using System.Diagnostics;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Studies;

/// <summary>
/// One client sends to 500, at even distances; the time of each delivery runs from the moment at which it was due. With a slow reader one of the 500
/// reads nothing from the start, so that what is meant for it fills the buffers of the kernel, then the server's. The payloads are long enough for
/// that to happen while the others are measured.
/// </summary>
internal sealed class PacedBroadcast(bool slowReader) : Scenario("slow-reader", "broadcast to 500 at 200/s", 2)
{
    public const int Length = 4000, Rate = 200;
    private const int Clients = 500;

    public override Result Run(Stage stage)
    {
        var times = stage.Workers.Select(_ => new Histogram()).ToArray();
        var pace = new Pace(Rate);
        var clients = Enumerable.Range(0, Clients).Select(_ => new PacedReceiver(stage, pace, times)).ToArray();
        stage.Open(clients, Spread);
        if (slowReader)
            clients[^1].Worker.Do(() => clients[^1].StopReading());
        var readers = slowReader ? clients[..^1] : clients;
        var measured = stage.Measure(
            worker =>
            {
                if (worker == stage.Workers[0])
                    pace.Start(stage, worker, clients[0]);
            },
            () => readers.Sum(client => (long)(pace.Sent - client.Last)));
        return Result.Of(measured, stage.Verdict, Histogram.Sum(times)) with { Second = clients[^1].IsOpen ? 0 : 1 };
    }
}

/// <summary>Says when which broadcast is due.</summary>
internal sealed class Pace(int rate)
{
    private readonly double _step = (double)Stopwatch.Frequency / rate;
    private long _started;
    private int _sent;

    public int Sent => Volatile.Read(ref _sent);

    public long Due(int number) => _started + (long)((number - 1) * _step);

    public void Start(Stage stage, Worker worker, PacedReceiver sender)
    {
        _started = Stopwatch.GetTimestamp();
        worker.Due = _started;
        worker.Called = () =>
        {
            for (var now = Stopwatch.GetTimestamp(); worker.Due <= now && !stage.Stopping; worker.Due = Due(_sent + 1))
            {
                sender.SendToAll(_sent + 1);
                Volatile.Write(ref _sent, _sent + 1);
            }
            if (stage.Stopping)
                worker.Due = long.MaxValue;
        };
    }
}

internal sealed class PacedReceiver(Stage stage, Pace pace, Histogram[] times) : Member(stage)
{
    private bool _slow;
    private int _last;

    public int Last => Volatile.Read(ref _last);

    public void StopReading()
    {
        _slow = true;
        Worker.Listen(this, reads: false);
    }

    public void SendToAll(int number)
    {
        Span<byte> payload = stackalloc byte[PacedBroadcast.Length];
        Payload.Write(payload, 0, number);
        Dialect.Broadcast(this, payload);
    }

    public override void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset)
    {
        if (_slow)
            return;
        if (!Payload.TryRead(argument, out _, out var number, PacedBroadcast.Length) || number != _last + 1)
            Stage.Verdict.Fault("lost, doubled or wrong", $"{number} after {_last}");
        Volatile.Write(ref _last, number);
        Worker.Count++;
        if (Stage.Measuring)
            times[Worker.Index].Add(Stopwatch.GetTimestamp() - pace.Due(number));
    }

    public override void Lost(string why)
    {
        if (!_slow)
            base.Lost(why);
    }
}
