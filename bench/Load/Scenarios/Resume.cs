using Holdfast.Load.Report;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>
/// What it costs a server to take back those whose line was cut. Four hundred clients are cut with a reset, miss events, and come back in four storms
/// of a hundred: all open their WebSockets, then all ask for their sessions at once. The figure is the server's CPU from the first SYN of a storm to
/// the last missed event, divided by a hundred; the median of the four. `older` and `foreign` are events of rooms that none of them is in, sent
/// before the cut and while they are away; `missed` are events to all, while they are away.
/// </summary>
internal sealed class Resume(string name, string title, int older, int foreign, int missed, int cores) : Scenario(name, title, cores)
{
    private const int Storms = 4, OfAStorm = 100, Warm = 5;
    private static readonly TimeSpan s_away = TimeSpan.FromMilliseconds(500);

    public override bool NeedsFreshServer => true;

    public override bool NeedsRecovery => true;

    public override bool Suits(Peer peer) => peer.HasRecovery;

    public override Result Run(Stage stage)
    {
        var feeder = new Feeder(stage);
        var clients = Enumerable.Range(0, Storms * OfAStorm).Select(_ => new ReturningClient(stage)).ToArray();
        stage.Open([feeder], Spread);
        stage.Open(clients, Spread);
        var crowd = new Crowd(stage, feeder);

        stage.WarmUp(pause =>
        {
            crowd.Publish(Warm, clients);
            crowd.Cut(clients[..OfAStorm]);
            stage.Pass(pause);
            crowd.Publish(Warm, clients[OfAStorm..]);
            crowd.Return(clients[..OfAStorm]);
        });

        crowd.PublishElsewhere(older);
        crowd.Publish(1, clients); // so that all know the end of the log
        crowd.Cut(clients);
        stage.Pass(s_away);
        crowd.PublishElsewhere(foreign);
        crowd.Publish(missed, []);

        var (cpu, times) = (new List<double>(), new List<double>());
        foreach (var storm in clients.Chunk(OfAStorm))
        {
            var before = Cpu.OfProcess(stage.Target.Process);
            times.Add(crowd.Return(storm).TotalMicroseconds);
            cpu.Add((Cpu.OfProcess(stage.Target.Process) - before) / storm.Length * 1e6);
        }
        crowd.CheckRooms(clients);
        return new Result(Statistics.Median(cpu), stage.Verdict.ToString()) { Storm = Statistics.Median(times) };
    }
}
