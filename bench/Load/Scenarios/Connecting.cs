using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>Clients connect, are cut when the server has accepted them, and are replaced: 64 handshakes are under way at any time, and nobody stays.</summary>
internal sealed class Connecting(string name, string title, int cores) : Scenario(name, title, cores)
{
    private const int AtATime = 64;

    public override Result Run(Stage stage)
    {
        var clients = Enumerable.Range(0, AtATime).Select(i => new PassingClient(stage)).ToArray();
        stage.Keep(clients);
        var measured = stage.Measure(
            worker =>
            {
                foreach (var client in clients.Where((_, i) => Spread(i) % stage.Workers.Count == worker.Index))
                    client.Come(worker);
            },
            () => clients.Count(client => !client.IsGone));
        return Result.Of(measured, stage.Verdict);
    }
}

internal sealed class PassingClient(Stage stage) : Member(stage)
{
    private bool _gone;

    public bool IsGone => Volatile.Read(ref _gone);

    public void Come(Worker worker) => worker.Open(this, Stage.Target.Port);

    public override void Ready()
    {
        var worker = Worker;
        worker.Count++;
        worker.Cut(this);
        if (Stage.Stopping)
            Volatile.Write(ref _gone, true);
        else
            worker.Open(this, Stage.Target.Port);
    }
}
