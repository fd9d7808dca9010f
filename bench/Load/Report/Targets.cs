namespace Holdfast.Load.Report;

/// <summary>What the project asks of itself, row by row.</summary>
/// <param name="Scenario">The row.</param>
/// <param name="Most">The highest value of what the kind compares.</param>
/// <param name="Kind">With what it is compared.</param>
/// <param name="Throughput">At least so many times Node's messages a second, where that is asked.</param>
internal sealed record Target(string Scenario, double Most, Against Kind, double? Throughput = null)
{
    public static readonly IReadOnlyList<Target> All =
    [
        new("echo-8", 0.35, Against.Node),
        new("echo-1", 0.45, Against.Node),
        new("echo-rate", 0.85, Against.Node),
        new("broadcast-1", 0.22, Against.Node, 5),
        new("broadcast-2", 0.25, Against.Node, 8),
        new("rooms", 0.50, Against.Node),
        new("polling", 0.50, Against.Node),
        new("connecting", 0.40, Against.Node),
        new("idle", 14, Against.Itself),
        new("resume", 150, Against.Itself),
        new("resume-older", 1.1, Against.OwnResume),
        new("resume-foreign", 1.3, Against.OwnResume),
        new("resume-missed", 1500, Against.Itself),
    ];

    /// <summary>What Holdfast reached, in the target's own measure; null if it was not measured.</summary>
    public double? Reached(Results results) => Kind switch
    {
        Against.Node => results.Ratio("holdfast", "node", Scenario, figure => figure.Result.Value),
        Against.OwnResume => OwnResume(results),
        _ => results.Median("holdfast", Scenario, figure => figure.Result.Value),
    };

    public double? ReachedThroughput(Results results) => results.Ratio("holdfast", "node", Scenario, figure => figure.Result.PerSecond);

    private double? OwnResume(Results results)
    {
        var mine = results.Cell("holdfast", Scenario);
        var plain = results.Cell("holdfast", "resume");
        var ratios = mine.Join(plain, a => a.Round, b => b.Round, (a, b) => a.Result.Value / b.Result.Value).ToArray();
        return ratios.Length == 0 ? null : Statistics.Median(ratios);
    }
}

internal enum Against
{
    Node,
    OwnResume,
    Itself,
}
