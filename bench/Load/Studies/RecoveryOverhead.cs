using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Studies;

/// <summary>What recovery costs those who need it not: three servers stand on the same cores, one of them with recovery on, and take turns.</summary>
internal sealed class RecoveryOverhead(Options options, IReadOnlyList<Worker> workers, Action<Slice> done) : Study(options, workers, done)
{
    public const string Name = "overhead";

    /// <summary>Recovery on may cost so much in relation to off.</summary>
    public const double Most = 1.1;

    private const int Slices = 15;

    public override void Run(Peer peer)
    {
        foreach (var scenario in Catalogue.All.Where(scenario => scenario.Name is "echo-8" or "broadcast-1" or "rooms" && scenario.Cores <= Options.Cores.Server.Length))
        {
            using var held = Options.Cores.Take(scenario.Cores);
            var servers = new Dictionary<string, ServerProcess>();
            try
            {
                foreach (var variant in Variants)
                {
                    servers[variant] = ServerProcess.Start(peer, recovery: variant == With, Options.Cores.Server[..scenario.Cores]);
                    RunOne(scenario, servers[variant], Options.WarmUp, 0.5);
                }
                RunSlices(Name, scenario.Name, Slices, variant => RunOne(scenario, servers[variant], 0.5, 1));
            }
            finally
            {
                foreach (var server in servers.Values)
                    server.Dispose();
            }
        }
    }
}
