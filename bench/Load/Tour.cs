using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load;

/// <summary>
/// The rounds. In each, the servers take turns at each row, so that what the machine does meanwhile hits all of them alike; the first of one round is
/// the last of the next. A server keeps its process for the rows of a group, and rests while the others are measured, unless a row wants a fresh one.
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
                RunGroup(round, servers, group);
        }
    }

    private static IEnumerable<Scenario[]> Groups(Scenario[] scenarios) =>
        scenarios.Where(scenario => !scenario.NeedsFreshServer).GroupBy(scenario => scenario.Cores).Select(group => group.ToArray())
            .Concat(scenarios.Where(scenario => scenario.NeedsFreshServer).Select(scenario => (Scenario[])[scenario]));

    private void RunGroup(int round, Peer[] peers, Scenario[] group)
    {
        var running = new Dictionary<Peer, ServerProcess>();
        try
        {
            foreach (var scenario in group)
            {
                foreach (var peer in peers.Where(scenario.Suits))
                    done(new Figure(round, peer.Name, scenario.Name, Run(scenario, peer, running)));
            }
        }
        finally
        {
            foreach (var server in running.Values)
                server.Dispose();
        }
    }

    private Result Run(Scenario scenario, Peer peer, Dictionary<Peer, ServerProcess> running)
    {
        var cores = options.Cores.Server[..Math.Min(scenario.Cores, options.Cores.Server.Length)];
        using var held = options.Cores.Take(cores.Length);
        var isWarm = running.TryGetValue(peer, out var server);
        if (server == null)
            running.Add(peer, server = ServerProcess.Start(peer, options.Recovery || scenario.NeedsRecovery, cores));
        var warmUp = TimeSpan.FromSeconds(isWarm ? options.WarmUp / 2 : options.WarmUp);
        var result = new Stage(workers, server.Target, warmUp, TimeSpan.FromSeconds(options.Seconds)).Run(scenario, server);
        if (result.Ok)
            return result;
        // What follows is to be judged by itself.
        server.Dispose();
        running.Remove(peer);
        return result;
    }
}

/// <summary>One cell of one round.</summary>
internal sealed record Figure(int Round, string Server, string Scenario, Result Result);
