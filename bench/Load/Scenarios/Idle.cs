namespace Holdfast.Load.Scenarios;

/// <summary>
/// What 10,000 connections cost that say nothing: the resident memory with them less that before, after a thousand others have come and gone. Done
/// twice, because a process seldom gives back what it took.
/// </summary>
internal sealed class Idle(string name, string title, int cores) : Scenario(name, title, cores)
{
    private const int Before = 1000, Clients = 10_000;

    public override bool NeedsFreshServer => true;

    public override string Unit => "KiB";

    public override Result Run(Stage stage)
    {
        var settling = stage.Length / 2;
        Cycle(stage, Before, TimeSpan.FromSeconds(1));
        stage.Pass(settling);
        var empty = Resident(stage);
        var first = Cycle(stage, Clients, settling) - empty;
        stage.Pass(settling);
        var second = Cycle(stage, Clients, settling) - empty;
        return new Result(first / Clients / 1024, stage.Verdict.ToString()) { Second = second / Clients / 1024 };
    }

    private static double Cycle(Stage stage, int count, TimeSpan settling)
    {
        stage.Open([.. Enumerable.Range(0, count).Select(_ => new IdleClient(stage))], Spread);
        stage.Pass(settling);
        var resident = Resident(stage);
        stage.Close();
        return resident;
    }

    // VmRSS:      123456 kB
    private static double Resident(Stage stage)
    {
        var line = File.ReadLines($"/proc/{stage.Target.Process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }
}

internal sealed class IdleClient(Stage stage) : Member(stage);
