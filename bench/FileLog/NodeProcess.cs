using System.Diagnostics;
using System.Globalization;

namespace Holdfast.FileLogBench;

/// <summary>A server process that is told what to do line by line, and answers each with a line of numbers.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;

    private NodeProcess(Process process) => _process = process;

    /// <summary>Milliseconds from its first line to the last of its start.</summary>
    public double StartTime { get; private set; }

    public static async Task<NodeProcess> StartAsync(LogKind log, string folder)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            info.ArgumentList.Add(typeof(NodeProcess).Assembly.Location);
        foreach (var argument in (string[])["node", log.Word, folder])
            info.ArgumentList.Add(argument);
        var node = new NodeProcess(Process.Start(info)!);
        node.StartTime = (await node.ReadAsync())[0];
        return node;
    }

    public async Task<double[]> TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async Task StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.StandardInput.FlushAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<double[]> ReadAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(3)) ?? throw new InvalidOperationException("The process has ended.");
        return [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }
}
