using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>A node in a process of its own: tests/FileLogNode.</summary>
internal sealed partial class NodeProcess : IDisposable
{
    private const int Sigkill = 9;
    private static readonly int s_sigstop = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int s_sigcont = OperatingSystem.IsMacOS() ? 19 : 18;

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private NodeProcess(string folder, string[] settings)
    {
        var dotnet = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
        _process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "FileLogNode.dll"), folder, .. settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _reading = Task.Run(async () =>
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
                _lines.Writer.TryWrite(line);
            _lines.Writer.Complete();
        });
    }

    public ulong Id { get; private set; }

    public static async Task<NodeProcess> StartAsync(string folder, params string[] settings)
    {
        var node = new NodeProcess(folder, settings);
        node.Id = ulong.Parse((await node.ReadAsync("started ")).Split(' ')[1], CultureInfo.InvariantCulture);
        return node;
    }

    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The next line that begins so.</summary>
    public async Task<string> ReadAsync(string beginning)
    {
        while (true)
        {
            var line = await _lines.Reader.ReadAsync().AsTask().Within();
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }
    }

    public async Task<string> AskAsync(string question)
    {
        Say(question);
        return await ReadAsync(question);
    }

    public void Pause() => Assert.Equal(0, Kill(_process.Id, s_sigstop));

    public void Continue() => Assert.Equal(0, Kill(_process.Id, s_sigcont));

    /// <summary>kill -9. Returns what it had said and nobody has read yet.</summary>
    public async Task<List<string>> KillAsync()
    {
        Assert.Equal(0, Kill(_process.Id, Sigkill));
        await _process.WaitForExitAsync().Within();
        await _reading.Within();
        List<string> rest = [];
        while (_lines.Reader.TryRead(out var line))
            rest.Add(line);
        return rest;
    }

    public async Task StopAsync()
    {
        Say("stop");
        await _process.WaitForExitAsync().Within();
        Assert.Equal(0, _process.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
