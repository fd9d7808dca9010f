using System.Diagnostics;

namespace Holdfast.Load.Scenarios;

/// <summary>What the clocks and counters show at one moment.</summary>
internal sealed record Reading(long Time, double ServerCpu, long Count, double[] WorkerCpu);

/// <summary>What lies between two readings.</summary>
internal sealed record Measured(double Seconds, double ServerCpu, long Count, double ServerShare, double LoadShare)
{
    public static Measured Between(Reading before, Reading after, int serverCores)
    {
        var seconds = Stopwatch.GetElapsedTime(before.Time, after.Time).TotalSeconds;
        var load = before.WorkerCpu.Zip(after.WorkerCpu, (b, a) => (a - b) / seconds).Max();
        var cpu = after.ServerCpu - before.ServerCpu;
        return new(seconds, cpu, after.Count - before.Count, cpu / seconds / serverCores, load);
    }
}
