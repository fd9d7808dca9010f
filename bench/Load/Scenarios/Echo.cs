namespace Holdfast.Load.Scenarios;

/// <summary>Each of a hundred clients has so many questions open, and asks the next one when an answer comes.</summary>
internal sealed class Echo(string name, string title, int inFlight, int cores) : Scenario(name, title, cores)
{
    private const int Clients = 100;

    public override Result Run(Stage stage)
    {
        var clients = Enumerable.Range(0, Clients).Select(i => new EchoClient(stage, i, inFlight)).ToArray();
        stage.Open(clients, Spread);
        var measured = stage.Measure(
            worker => Array.ForEach(clients, client => { if (client.Worker == worker) client.AskAll(); }),
            () => clients.Sum(client => (long)client.Outstanding));
        return Result.Of(measured, stage.Verdict);
    }
}

internal sealed class EchoClient(Stage stage, int index, int inFlight) : Member(stage)
{
    private readonly int[] _asked = new int[inFlight]; // by ack id: the number of the question that is open, 0 if none is
    private int _number;
    private int _outstanding;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public void AskAll()
    {
        for (var id = 0; id < _asked.Length; id++)
            Ask(id);
    }

    public override void Acked(int id, ReadOnlySpan<byte> argument)
    {
        if ((uint)id >= (uint)_asked.Length || _asked[id] == 0)
            Stage.Verdict.Fault("answers to nothing", $"ack {id} of client {index}");
        else if (!Payload.TryRead(argument, out var sender, out var number) || sender != index || number != _asked[id])
            Stage.Verdict.Fault("wrong answers", $"ack {id} of client {index}: {System.Text.Encoding.UTF8.GetString(argument)}");
        else
        {
            _asked[id] = 0;
            _outstanding--;
            Worker.Count++;
            if (!Stage.Stopping)
                Ask(id);
        }
    }

    private void Ask(int id)
    {
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, index, _asked[id] = ++_number);
        _outstanding++;
        Dialect.Echo(this, id, payload);
    }
}
