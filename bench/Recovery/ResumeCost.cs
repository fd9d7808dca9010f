namespace Holdfast.RecoveryBench;

/// <summary>What a resume costs, with a small log and with a large one of which the client missed equally much.</summary>
internal static class ResumeCost
{
    /// <summary>Returns false if anything was lost, doubled, out of order or not recovered.</summary>
    public static async Task<bool> MeasureAsync(int entries, int resumes, TextWriter output, double? baseline, Action<double> mean)
    {
        var options = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = TimeSpan.FromMinutes(30), MaxLogEntries = entries, MaxLogBytes = 1L << 30 };
        await using var server = await BenchServer.StartAsync(options);

        // The larger the log, the more clients read events that nobody has read before them: no advantage for the large one.
        var groups = Math.Clamp(entries / 1000, 1, resumes);
        var clients = Enumerable.Range(0, resumes).Select(n => new RawClient(server.Address, Traffic.RoomsOf(n % groups))).ToArray();
        foreach (var client in clients)
        {
            await client.ConnectAsync();
            await server.NextSocketAsync();
        }
        using var other = new RawClient(server.Address, Traffic.Others);
        await other.ConnectAsync();
        await server.NextSocketAsync();
        var privateIds = clients.Select(client => client.PrivateId).ToArray();
        foreach (var client in clients)
            client.Cut();
        other.Cut();
        await server.WaitForParkedAsync(resumes + 1);

        var before = Heap.Used();
        var bytesBefore = server.LogBytes;
        var traffic = new Traffic(entries, groups);
        await traffic.SendAsync(server.Io);
        var heap = Heap.Used() - before;
        var (bytes, count) = (server.LogBytes, server.LogEntries);

        var times = new double[resumes];
        var faults = 0;
        for (var i = 0; i < resumes; i++)
        {
            var client = clients[i];
            times[i] = (await client.ResumeAsync(Traffic.Missed)).TotalMicroseconds;
            var result = (await server.NextSocketAsync()).Recovery;
            if (client.PrivateId != privateIds[i] || result != new RecoveryResult(RecoveryOutcome.Recovered, RecoveryReason.None, Traffic.Missed))
                faults += Report(i, $"not recovered: {result}");
            else if (!client.Numbers.SequenceEqual(traffic.Expected(i % groups)))
                faults += Report(i, "it got other events than those that it missed");
            client.Dispose();
        }

        Array.Sort(times);
        var average = times.Average();
        mean(average);
        await output.WriteLineAsync(
            $"| {count:N0} of {options.MaxLogEntries:N0} | {bytes / 1048576.0:N1} of {options.MaxLogBytes >> 20:N0} MiB | {Share(heap, bytes - bytesBefore)} "
            + $"| {average:N0} | {Percentile(times, 50):N0} | {Percentile(times, 99):N0} | {average / (baseline ?? average):N2} |");
        if (count != entries)
            faults += Report(-1, $"the log holds {count} entries");
        return faults == 0;

        int Report(int client, string what)
        {
            output.WriteLine($"FAULT with client {client}: {what}");
            return 1;
        }
    }

    // A small log is lost in what else the process does.
    private static string Share(long heap, long bytes) => bytes < 1 << 20 ? "-" : $"{heap / 1048576.0:N1} MiB, {100.0 * bytes / heap:N0} %";

    private static double Percentile(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
}
