using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>
/// 500 clients, four of which send to all. A sender has eight broadcasts on their way, and sends the next one when all 500 have got the first of
/// them, so that the server is saturated and nobody falls behind. Each receiver checks that each sender's numbers come without gap.
/// </summary>
internal sealed class Broadcast(string name, string title, int cores) : Scenario(name, title, cores)
{
    public const int Clients = 500, Senders = 4, Window = 8;

    public override Result Run(Stage stage)
    {
        var tally = new Tally(stage.Workers, Senders, Window);
        var clients = Enumerable.Range(0, Clients).Select(i => new BroadcastClient(stage, tally)).ToArray();
        stage.Open(clients, Spread);
        foreach (var client in clients)
            tally.Receivers[client.Worker.Index]++;
        // The senders live on the first worker.
        var senders = clients.Where(client => client.Worker == stage.Workers[0]).Take(Senders).ToArray();
        var sent = new int[Senders];

        void SendMore()
        {
            Span<byte> payload = stackalloc byte[Payload.Length];
            for (var sender = 0; sender < Senders; sender++)
            {
                while (!stage.Stopping && sent[sender] - tally.Completed(sender) < Window)
                {
                    Payload.Write(payload, sender, ++sent[sender]);
                    senders[sender].SendToAll(payload);
                }
            }
        }

        var measured = stage.Measure(
            worker =>
            {
                if (worker != stage.Workers[0])
                    return;
                worker.Called = SendMore;
                SendMore();
            },
            () => Enumerable.Range(0, Senders).Sum(sender => (long)(Volatile.Read(ref sent[sender]) - tally.Completed(sender))));
        return Result.Of(measured, stage.Verdict);
    }
}

internal sealed class BroadcastClient(Stage stage, Tally tally) : Member(stage)
{
    private readonly int[] _last = new int[Broadcast.Senders];

    public void SendToAll(ReadOnlySpan<byte> payload) => Dialect.Broadcast(this, payload);

    public override void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset)
    {
        if (!name.SequenceEqual("broadcast"u8) || !Payload.TryRead(argument, out var sender, out var number) || sender >= _last.Length)
        {
            Stage.Verdict.Fault("wrong events", System.Text.Encoding.UTF8.GetString(argument));
            return;
        }
        if (number != _last[sender] + 1)
            Stage.Verdict.Fault(number <= _last[sender] ? "doubled or out of order" : "lost", $"{number} after {_last[sender]} of sender {sender}");
        _last[sender] = number;
        Worker.Count++;
        tally.Got(Worker, sender, number);
    }
}

/// <summary>
/// Knows which broadcasts have reached everybody. Each worker counts for itself; only the last receiver of each worker touches what all share, and
/// the very last one rings at the senders.
/// </summary>
internal sealed class Tally(IReadOnlyList<Worker> workers, int senders, int window)
{
    private readonly int[][] _got = [.. workers.Select(_ => new int[senders * window])];
    private readonly int[] _whole = new int[senders * window];
    private readonly int[] _completed = new int[senders];

    /// <summary>How many receivers each worker has.</summary>
    public int[] Receivers { get; } = new int[workers.Count];

    public int Completed(int sender) => Volatile.Read(ref _completed[sender]);

    public void Got(Worker worker, int sender, int number)
    {
        var slot = sender * window + number % window;
        if (++_got[worker.Index][slot] < Receivers[worker.Index])
            return;
        _got[worker.Index][slot] = 0;
        if (Interlocked.Increment(ref _whole[slot]) < workers.Count)
            return;
        _whole[slot] = 0;
        Interlocked.Increment(ref _completed[sender]);
        workers[0].Ring();
    }
}
