namespace Holdfast.Load.Wire;

/// <summary>
/// The processor time of a process or a thread, user and kernel together. It is the sum that /proc/PID/stat shows in steps of 10 ms, read to the
/// nanosecond from the same account of the kernel: a hundred resumes take less than two of those steps.
/// </summary>
internal static unsafe class Cpu
{
    public static double OfProcess(int process) => Seconds((~process << 3) | 2);

    public static double OfThread(int thread) => Seconds((~thread << 3) | 4 | 2);

    /// <summary>The calling thread runs on these cores only.</summary>
    public static void Pin(int thread, IEnumerable<int> cores)
    {
        var mask = stackalloc ulong[16];
        foreach (var core in cores)
            mask[core / 64] |= 1UL << (core % 64);
        Libc.SetAffinity(thread, 16 * sizeof(ulong), mask);
    }

    public static bool IsAlive(int process) => Libc.Kill(process, 0) == 0;

    private static double Seconds(int clock)
    {
        Libc.Timespec time;
        if (Libc.ReadClock(clock, &time) != 0)
            throw new InvalidOperationException("the process whose time is taken has ended");
        return time.Seconds + time.Nanoseconds / 1e9;
    }
}
