using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load;

/// <summary>
/// The rounds. In each, the servers take turns at each group of rows, so that what the machine does meanwhile hits all of them alike; the first of
/// one round is the last of the next. A server keeps its process for the rows of a group, unless a row wants a fresh one.
/// </summary>
internal sealed class Tour(Options options, IReadOnlyList<Worker> workers, Action<Figure> done)
{
    public void Run()
    {
        var wanted = Catalogue.All.Where(options.Wants).ToArray();
        var scenarios = wanted.Where(scenario => options.Smoke || scenario.Cores <= options.Cores.Server.Length).ToArray();
        if (scenarios.Length < wanted.Length)
            Console.WriteLine("the rows marked (2) are left out: they need four cores, two for the server and two for the load");
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
                var result = new Stage(workers, server.Target, TimeSpan.FromSeconds(warmUp), TimeSpan.FromSeconds(options.Seconds)).Run(scenario, server);
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
}

/// <summary>One cell of one round.</summary>
internal sealed record Figure(int Round, string Server, string Scenario, Result Result);
