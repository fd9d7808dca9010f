using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Load.Servers;

/// <summary>
/// Tells when a server is warm. .NET compiles again what is called often, on a thread that has to share an only core with the load: that takes about
/// two seconds of CPU in several bursts, some seconds apart, and the last one may halve what a message costs. So the thread is watched, by the name
/// that the runtime gives it. A server without such a thread is warm when its time is up.
/// </summary>
internal sealed class Warmth(int process)
{
    private const string CompilerThread = ".NET Tiered Com"; // as much of the name as the kernel keeps
    private const double Burst = 0.02;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(40), s_quiet = TimeSpan.FromSeconds(5);
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lastBurst = Stopwatch.GetTimestamp();
    private double _compiled = Compiled(process);

    /// <summary>After so much time at least; to be asked several times a second.</summary>
    public bool IsReached(TimeSpan least)
    {
        var compiled = Compiled(process);
        if (compiled > _compiled + Burst)
            (_compiled, _lastBurst) = (compiled, Stopwatch.GetTimestamp());
        else if (compiled < _compiled)
            _compiled = compiled; // the thread has ended: it comes again when it is needed
        var elapsed = Stopwatch.GetElapsedTime(_started);
        return elapsed >= least && (Stopwatch.GetElapsedTime(_lastBurst) >= s_quiet || compiled == 0 || elapsed >= s_longest);
    }

    // Seconds of CPU of the thread that compiles; 0 if there is none.
    private static double Compiled(int process)
    {
        var sum = 0.0;
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(CompilerThread, StringComparison.Ordinal))
                    sum += double.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
            }
            catch (IOException)
            {
                // ended between the two looks
            }
        }
        return sum;
    }
}
