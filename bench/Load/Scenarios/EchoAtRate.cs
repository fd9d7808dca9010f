using System.Diagnostics;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>
/// A hundred clients ask in turn, at even distances, so many questions a second in all. A time runs from the moment at which the question was due, so
/// that a server that stalls gets no relief.
/// </summary>
internal sealed class EchoAtRate(string name, string title, int rate, int cores) : Scenario(name, title, cores)
{
    private const int Clients = 100;

    public override Result Run(Stage stage)
    {
        var times = stage.Workers.Select(_ => new Histogram()).ToArray();
        var clients = Enumerable.Range(0, Clients).Select(i => new TimedEchoClient(stage, i, times)).ToArray();
        stage.Open(clients, Spread);
        var measured = stage.Measure(
            worker => new Clock(stage, worker, rate / stage.Workers.Count, [.. clients.Where(client => client.Worker == worker)]).Start(),
            () => clients.Sum(client => (long)client.Outstanding));
        var reached = measured.Count / measured.Seconds;
        var doubt = Math.Abs(reached / rate - 1) > 0.02 ? $"{reached:0} instead of {rate} a second" : null;
        return Result.Of(measured, stage.Verdict, Histogram.Sum(times)) with { Doubt = doubt };
    }

    private sealed class Clock(Stage stage, Worker worker, int rate, TimedEchoClient[] clients)
    {
        private readonly double _step = (double)Stopwatch.Frequency / rate;
        private long _started, _asked;

        public void Start()
        {
            _started = Stopwatch.GetTimestamp() + (long)(_step * worker.Index / stage.Workers.Count);
            (worker.Due, worker.Called) = (_started, AskDue);
        }

        private void AskDue()
        {
            var now = Stopwatch.GetTimestamp();
            while (worker.Due <= now)
            {
                if (stage.Stopping)
                {
                    worker.Due = long.MaxValue;
                    return;
                }
                clients[_asked % clients.Length].Ask(worker.Due);
                worker.Due = _started + (long)(++_asked * _step);
            }
        }
    }
}

internal sealed class TimedEchoClient(Stage stage, int index, Histogram[] times) : Member(stage)
{
    private const int Open = 4096; // a server that owes one client so many answers has failed
    private readonly (int Number, long Due)[] _asked = new (int, long)[Open];
    private int _number;
    private int _outstanding;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public void Ask(long due)
    {
        var id = ++_number % Open;
        if (_asked[id].Number != 0)
            throw new InvalidOperationException($"the server is {Open} answers behind");
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, index, _number);
        _asked[id] = (_number, due);
        _outstanding++;
        Dialect.Echo(this, id, payload);
    }

    public override void Acked(int id, ReadOnlySpan<byte> argument)
    {
        if ((uint)id >= Open || _asked[id].Number == 0)
            Stage.Verdict.Fault("answers to nothing", $"ack {id} of client {index}");
        else if (!Payload.TryRead(argument, out var sender, out var number) || sender != index || number != _asked[id].Number)
            Stage.Verdict.Fault("wrong answers", $"ack {id} of client {index}: {System.Text.Encoding.UTF8.GetString(argument)}");
        else
        {
            if (Stage.Measuring)
                times[Worker.Index].Add(Stopwatch.GetTimestamp() - _asked[id].Due);
            _asked[id] = default;
            _outstanding--;
            Worker.Count++;
        }
    }
}
