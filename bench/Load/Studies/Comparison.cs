using Holdfast.Load.Report;

namespace Holdfast.Load.Studies;

/// <summary>What the slices of a study say.</summary>
internal static class Comparison
{
    /// <summary>The median, over the slices, of a variant in relation to <see cref="Study.Without"/>.</summary>
    public static double Of(IEnumerable<Slice> slices, string variant) => Statistics.Median(Ratios(slices, variant));

    public static double[] Ratios(IEnumerable<Slice> slices, string variant) =>
        [.. slices.GroupBy(slice => slice.Number).Where(pair => pair.All(slice => slice.Result.Ok)).Select(pair => Value(pair, variant) / Value(pair, Study.Without))];

    // Of a slow reader the others' latency counts, of recovery the cost.
    private static double Value(IEnumerable<Slice> pair, string variant) =>
        pair.First(slice => slice.Variant == variant) is var slice && slice.Study == SlowReader.Name ? slice.Result.P99!.Value : slice.Result.Value;
}
