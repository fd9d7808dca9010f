using System.Diagnostics;
using Holdfast.Load.Servers;

namespace Holdfast.Load.Scenarios;

/// <summary>
/// Not a question of speed: clients are cut and come back while somebody goes on sending, five hundred events a second. Between what is replayed and
/// what is live nothing may be missing, double or exchanged.
/// </summary>
internal sealed class ResumeLive(string name, string title, int cores) : Scenario(name, title, cores)
{
    private const int Clients = 100, Rate = 500;

    public override string Unit => "events";

    public override bool NeedsFreshServer => true;

    public override bool NeedsRecovery => true;

    public override bool Suits(Peer peer) => peer.HasRecovery;

    public override Result Run(Stage stage)
    {
        var feeder = new Feeder(stage);
        var clients = Enumerable.Range(0, Clients).Select(_ => new ReturningClient(stage)).ToArray();
        stage.Open([feeder], Spread);
        stage.Open(clients, Spread);
        var crowd = new Crowd(stage, feeder);
        feeder.Worker.Do(() => feeder.StartLive(Rate));
        stage.WaitUntil(() => Array.TrueForAll(clients, client => client.LastLive > 0), TimeSpan.FromSeconds(10), () => "not everybody has a first event");

        var started = Stopwatch.GetTimestamp();
        do
        {
            crowd.Cut(clients);
            stage.Pass(TimeSpan.FromMilliseconds(500));
            crowd.Return(clients);
            stage.Pass(TimeSpan.FromMilliseconds(100));
        }
        while (Stopwatch.GetElapsedTime(started) < stage.Length);

        feeder.Worker.Do(feeder.StopLive);
        stage.WaitUntil(() => Array.TrueForAll(clients, client => client.LastLive == feeder.SentLive), TimeSpan.FromSeconds(10), () => "");
        if (clients.Sum(client => (long)(feeder.SentLive - client.LastLive)) is not 0 and var lost)
            stage.Verdict.Fault("lost", "live events that never came", lost);
        crowd.CheckRooms(clients);
        return new Result((double)feeder.SentLive * clients.Length, stage.Verdict.ToString());
    }
}
