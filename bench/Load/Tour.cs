using System.Globalization;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load;

/// <summary>
/// The rounds. In each, the servers take turns at each group of rows, so that what the machine does meanwhile hits all of them alike; the first of one round is the last of the next. A server keeps its process for
/// the rows of a group, unless a row wants a fresh one.
/// </summary>
internal sealed class Tour(Options options, IReadOnlyList<Worker> workers, Action<Figure> done)
{
    public void Run()
    {
        var scenarios = Catalogue.All.Where(scenario => options.Wants(scenario) && scenario.Cores <= options.Cores.Server.Length).ToArray();
        for (var round = 1; round <= options.Rounds; round++)
        {
            var servers = options.Servers.Skip((round - 1) % options.Servers.Count).Concat(options.Servers.Take((round - 1) % options.Servers.Count)).ToArray();
            foreach (var group in Groups(scenarios))
            {
                foreach (var server in servers)
                    RunGroup(round, server, [.. group.Where(scenario => scenario.Suits(server))]);
            }
        }
    }

    private static IEnumerable<Scenario[]> Groups(Scenario[] scenarios) =>
        scenarios.Where(scenario => !scenario.NeedsFreshServer).GroupBy(scenario => scenario.Cores).Select(group => group.ToArray())
            .Concat(scenarios.Where(scenario => scenario.NeedsFreshServer).Select(scenario => (Scenario[])[scenario]));

    private void RunGroup(int round, Peer peer, Scenario[] scenarios)
    {
        if (scenarios.Length == 0)
            return;
        var cores = options.Cores.Server[..Math.Min(scenarios[0].Cores, options.Cores.Server.Length)];
        using var held = options.Cores.Take(cores.Length);
        ServerProcess? server = null;
        try
        {
            foreach (var scenario in scenarios)
            {
                var warmUp = server == null ? options.WarmUp : options.WarmUp / 2;
                server ??= ServerProcess.Start(peer, options.Recovery || scenario.NeedsRecovery, cores);
                var result = RunOne(scenario, server, warmUp);
                done(new Figure(round, peer.Name, scenario.Name, result));
                if (result.Ok)
                    continue;
                // What follows is to be judged by itself.
                server.Dispose();
                server = null;
            }
        }
        finally
        {
            server?.Dispose();
        }
    }

    private Result RunOne(Scenario scenario, ServerProcess server, double warmUp)
    {
        var stage = new Stage(workers, server.Target, TimeSpan.FromSeconds(warmUp), TimeSpan.FromSeconds(options.Seconds));
        try
        {
            return scenario.Run(stage);
        }
        catch (Exception fault) when (fault is InvalidOperationException or TimeoutException)
        {
            return new Result(double.NaN, $"{fault.Message}; {stage.Verdict}; the server said: {server.LastWords}");
        }
        finally
        {
            stage.Close();
            stage.Settle();
        }
    }
}

/// <summary>One cell of one round.</summary>
internal sealed record Figure(int Round, string Server, string Scenario, Result Result)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Round} {Scenario,-15} {Server,-10} {Result.Value,9:0.00}  {Result.PerSecond,9:0}/s  server {Result.ServerShare,4:0%} load {Result.LoadShare,4:0%}  p50 {Result.P50,6:0} p99 {Result.P99,6:0}  {Result.Second,6:0.00} {Result.Storm,7:0} {Result.Verdict}");
}
