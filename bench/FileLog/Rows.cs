namespace Holdfast.FileLogBench;

/// <summary>The rows of the tables, each measured with processes and a folder of its own.</summary>
internal static class Rows
{
    public const int WarmUpSeconds = 3;

    /// <summary>Events per second of all processes together while their delay is measured.</summary>
    private const int Rate = 900;

    public static async Task<Row> MeasureAsync(LogKind log, int processes, string parent, int seconds, int connects)
    {
        var emits = await WithNodesAsync(log, processes, parent, nodes => AllAsync(nodes, $"emits {seconds}"));
        var (latency, heard, connect) = await WithNodesAsync(log, processes, parent, async nodes =>
        {
            await AllAsync(nodes, "listen");
            var rate = Rate / nodes.Length;
            await AllAsync(nodes, $"latency {WarmUpSeconds} {rate}");
            var latency = await AllAsync(nodes, $"latency {seconds} {rate}");
            var heard = await AllAsync(nodes, "heard");
            return (latency, heard, await nodes[0].TellAsync($"connects {connects}"));
        });
        double[] middle = [.. Middle(latency)];
        return new Row(log.Name, processes, emits.Sum(numbers => numbers[0]), emits.Average(numbers => numbers[1]), middle[..2], middle[2..], [.. Middle(heard)], connect);
    }

    /// <summary>A start with an empty window, or with a full one.</summary>
    public static async Task<string> ReadBackAsync(int mebibytes, string parent)
    {
        var folder = Path.Combine(parent, $"holdfast-bench-{Guid.NewGuid():N}");
        try
        {
            var log = LogKind.Parse(nameof(FileSyncMode.Never));
            using (var first = await NodeProcess.StartAsync(log, folder))
            {
                if (mebibytes > 0)
                    await first.TellAsync($"fill {mebibytes * 1024L * 1024}");
                await first.StopAsync();
            }
            var bytes = Directory.GetFiles(folder, "*.log").Sum(file => new FileInfo(file).Length);
            List<double> times = [];
            for (var i = 0; i < 5; i++)
            {
                using var node = await NodeProcess.StartAsync(log, folder);
                times.Add(node.StartTime);
                await node.StopAsync();
            }
            times.Sort();
            return $"| {(mebibytes == 0 ? "nothing" : "a full window")} | {bytes / 1048576.0:N1} MiB | {times[2]:N0} ({times[0]:N0} to {times[^1]:N0}) |";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<T> WithNodesAsync<T>(LogKind log, int processes, string parent, Func<NodeProcess[], Task<T>> measure)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"holdfast-bench-{Guid.NewGuid():N}")).FullName;
        List<NodeProcess> nodes = [];
        try
        {
            for (var i = 0; i < processes; i++)
                nodes.Add(await NodeProcess.StartAsync(log, folder));
            var result = await measure([.. nodes]);
            await Task.WhenAll(nodes.Select(node => node.StopAsync()));
            return result;
        }
        finally
        {
            foreach (var node in nodes)
                node.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<double[][]> AllAsync(NodeProcess[] nodes, string line) => Task.WhenAll(nodes.Select(node => node.TellAsync(line)));

    /// <summary>The middle one of several processes, number by number.</summary>
    private static IEnumerable<double> Middle(double[][] answers)
    {
        for (var i = 0; i < answers[0].Length; i++)
            yield return answers.Select(numbers => numbers[i]).Order().ElementAt(answers.Length / 2);
    }
}
