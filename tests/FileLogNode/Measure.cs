using System.Diagnostics;
using System.Globalization;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;

namespace Holdfast.FileLogNode;

/// <summary>
/// Figures of the log. <c>measure appends SECONDS PENDING</c>: appends of 200 bytes, so many under way at a time. <c>measure latency SECONDS PER_SECOND</c>: each carries its moment; says after how
/// many microseconds the reader of this process had it. <c>measure listen</c> in another process, and later <c>measure heard</c>, say what it was there.
/// </summary>
internal static class Measure
{
    private const int PayloadSize = 200;

    private static List<double> s_heard = [];

    public static async Task RunAsync(string[] words, FileLog log, DigestReader reader)
    {
        switch (words[0])
        {
            case "appends":
                await AppendsAsync(log, Number(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            case "latency":
                await LatencyAsync(log, reader, Number(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            case "listen":
                s_heard = Listen(reader);
                break;
            case "heard":
                await log.CatchUpAsync(CancellationToken.None);
                Print("other", s_heard);
                break;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task AppendsAsync(FileLog log, double seconds, int pending)
    {
        var payload = new byte[PayloadSize];
        var count = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, pending).Select(_ => Task.Run(async () =>
        {
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                await log.AppendAsync(LogRecordKind.FirstOfServer, payload);
                Interlocked.Increment(ref count);
            }
        })));
        var perSecond = count / watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"appends {perSecond:F0} per second, {perSecond * PayloadSize / 1e6:F1} MB/s"));
    }

    private static async Task LatencyAsync(FileLog log, DigestReader reader, double seconds, int perSecond)
    {
        var own = Listen(reader);
        List<double> told = [];
        var watch = Stopwatch.StartNew();
        for (var sent = 0L; watch.Elapsed.TotalSeconds < seconds; sent++)
        {
            // As a spinning metronome: a sleeping one would measure its own waking up.
            while (watch.Elapsed.TotalSeconds * perSecond < sent)
                Thread.SpinWait(20);
            var payload = new byte[PayloadSize];
            var now = Stopwatch.GetTimestamp();
            BitConverter.TryWriteBytes(payload, now);
            _ = TellAsync(log.AppendAsync(LogRecordKind.FirstOfServer, payload), now);
        }
        await log.CatchUpAsync(CancellationToken.None);
        Print("own", own);
        lock (told)
            Print("told", told);

        async Task TellAsync(Task append, long since)
        {
            await append;
            lock (told)
                told.Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds);
        }
    }

    private static List<double> Listen(DigestReader reader)
    {
        List<double> latencies = new(1_000_000);
        reader.Read = since =>
        {
            if (since > 0)
                latencies.Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds);
        };
        return latencies;
    }

    private static void Print(string name, List<double> latencies)
    {
        var sorted = latencies.ToArray().Order().ToArray();
        if (sorted.Length > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"latency {name}: {sorted.Length} records, p50 {sorted[sorted.Length / 2]:F0} us, p99 {sorted[sorted.Length * 99 / 100]:F0} us, max {sorted[^1]:F0} us"));
    }
}
