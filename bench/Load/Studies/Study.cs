using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Studies;

/// <summary>
/// A question of "with or without", where what is asked for is smaller than what a machine's mood changes from one minute to the next. The two
/// variants are run in turn, slice by slice, and so is a third one that is the first again: what lies between two equal runs is what the comparison
/// can't see.
/// </summary>
internal abstract class Study(Options options, IReadOnlyList<Worker> workers, Action<Slice> done)
{
    public const string Without = "without", Again = "without, again", With = "with";
    protected static readonly string[] Variants = [Without, Again, With];

    protected Options Options => options;

    public abstract void Run(Peer peer);

    /// <summary>Each slice has another order.</summary>
    protected void RunSlices(string name, string scenario, int slices, Func<string, Result> run)
    {
        for (var slice = 0; slice < slices; slice++)
        {
            for (var i = 0; i < Variants.Length; i++)
            {
                var variant = Variants[(slice + i) % Variants.Length];
                done(new Slice(name, scenario, slice + 1, variant, run(variant)));
            }
        }
    }

    protected Result RunOne(Scenario scenario, ServerProcess server, double warmUp, double seconds)
    {
        var stage = new Stage(workers, server.Target, TimeSpan.FromSeconds(warmUp), TimeSpan.FromSeconds(seconds)) { Leaves = true };
        return stage.Run(scenario, server);
    }
}

internal sealed record Slice(string Study, string Scenario, int Number, string Variant, Result Result);
