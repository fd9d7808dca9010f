using Holdfast.Load.Report;

namespace Holdfast.Load.Studies;

/// <summary>What the slices of a study say.</summary>
internal static class Comparison
{
    /// <summary>The median, over the slices, of a variant in relation to <see cref="Study.Without"/>.</summary>
    public static double Of(IEnumerable<Slice> slices, string variant) => Statistics.Median(Ratios(slices, variant));

    public static double[] Ratios(IEnumerable<Slice> slices, string variant) =>
        [.. slices.GroupBy(slice => slice.Number).Where(turn => turn.All(slice => slice.Result.Ok)).Select(turn => Value(turn, variant) / Value(turn, Study.Without))];

    public static double[] Values(IEnumerable<Slice> slices, string variant) =>
        [.. slices.Where(slice => slice.Variant == variant && slice.Result.Ok).Select(slice => Value([slice], variant))];

    // Of a slow reader the others' latency counts, of recovery the cost.
    private static double Value(IEnumerable<Slice> turn, string variant) =>
        turn.First(slice => slice.Variant == variant) is var slice && slice.Study == SlowReader.Name ? slice.Result.P99!.Value : slice.Result.Value;
}
