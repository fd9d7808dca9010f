using System.Diagnostics;
using System.Numerics;

namespace Holdfast.Load.Scenarios;

/// <summary>Times in classes that are at most 1.6 % wide, so that a quantile costs no list of all times. Each worker has its own.</summary>
internal sealed class Histogram
{
    private const int Steps = 64; // per power of two
    private readonly long[] _counts = new long[64 * Steps];

    public void Add(long ticks)
    {
        var value = (ulong)Math.Max(0, ticks);
        var power = Math.Max(0, BitOperations.Log2(value | 1) - 6);
        _counts[power * Steps + (int)(value >> power)]++;
    }

    public static Histogram Sum(IEnumerable<Histogram> parts)
    {
        var sum = new Histogram();
        foreach (var part in parts)
        {
            for (var i = 0; i < part._counts.Length; i++)
                sum._counts[i] += part._counts[i];
        }
        return sum;
    }

    public void Clear() => Array.Clear(_counts);

    /// <summary>In microseconds; null if there is nothing in it.</summary>
    public double? Quantile(double quantile)
    {
        var total = _counts.Sum();
        if (total == 0)
            return null;
        var left = (long)Math.Ceiling(total * quantile);
        for (var i = 0; i < _counts.Length; i++)
        {
            left -= _counts[i];
            if (left <= 0)
                return Middle(i) * 1e6 / Stopwatch.Frequency;
        }
        return null;
    }

    // Classes up to 2 * Steps hold one value each; from there on each power of two uses the upper half of its row.
    private static double Middle(int index)
    {
        var (power, step) = (index / Steps, index % Steps);
        if (power > 0 && step < Steps)
        {
            // Row `power` holds values from Steps << power up; its index runs over into the next row.
            power--;
            step += Steps;
        }
        return (step + 0.5) * Math.Pow(2, power) - (power == 0 ? 0.5 : 0);
    }
}
