namespace Holdfast.FileLogBench;

internal static class Quantiles
{
    /// <summary>p50 and p99.</summary>
    public static double[] Of(List<double> values)
    {
        if (values.Count == 0)
            return [double.NaN, double.NaN];
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return [sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]];
    }
}
