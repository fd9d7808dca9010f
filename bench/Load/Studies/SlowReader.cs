using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Studies;

/// <summary>What one slow reader among 500 costs the others: the 99th percentile of their deliveries.</summary>
internal sealed class SlowReader(Options options, IReadOnlyList<Worker> workers, Action<Slice> done) : Study(options, workers, done)
{
    public const string Name = "slow-reader";

    /// <summary>With the slow reader the others may wait so much longer.</summary>
    public const double Most = 1.2;

    private const int Slices = 7;

    public override void Run(Peer peer)
    {
        if (Options.Cores.Server.Length < 2)
            return;
        using var held = Options.Cores.Take(2);
        using var server = ServerProcess.Start(peer, Options.Recovery, Options.Cores.Server[..2]);
        RunOne(new PacedBroadcast(slowReader: false), server, Options.WarmUp, 0.5);
        // Four seconds fill the kernel's buffers for the slow reader; while the others are measured its outbox fills.
        RunSlices(Name, Name, Slices, variant => RunOne(new PacedBroadcast(slowReader: variant == With), server, 4, 5));
    }
}
