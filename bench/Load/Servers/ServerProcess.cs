using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Servers;

/// <summary>A server in a process of its own, on cores of its own. Whatever way the load ends, it ends its servers, each by its id.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly List<ServerProcess> s_running = [];
    private readonly Process _process;
    private readonly Queue<string> _lastWords = new();

    private ServerProcess(Process process) => _process = process;

    public required Target Target { get; init; }

    /// <summary>What it said last.</summary>
    public string LastWords { get { lock (_lastWords) return string.Join('\n', _lastWords); } }

    public static ServerProcess Start(Peer peer, bool recovery, int[] cores)
    {
        var port = FreePort();
        // taskset becomes the server, so that the id is the server's.
        var start = new ProcessStartInfo("taskset", ["-c", string.Join(',', cores), .. peer.Command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = peer.Folder,
        };
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["RECOVERY"] = recovery ? "1" : "";
        start.Environment["NODE_ENV"] = "production";
        foreach (var (name, value) in peer.Settings)
            start.Environment[name] = value;
        Process process;
        ServerProcess server;
        lock (s_running)
        {
            process = Process.Start(start)!;
            server = new ServerProcess(process) { Target = new(process.Id, port, peer.Dialect, cores.Length) };
            s_running.Add(server);
        }
        var listening = new TaskCompletionSource();
        void Hear(string? line)
        {
            if (line == null)
                return;
            lock (server._lastWords)
            {
                server._lastWords.Enqueue(line);
                if (server._lastWords.Count > 20)
                    server._lastWords.Dequeue();
            }
            if (line.StartsWith("listening on", StringComparison.Ordinal))
                listening.TrySetResult();
        }
        process.OutputDataReceived += (_, data) => Hear(data.Data);
        process.ErrorDataReceived += (_, data) => Hear(data.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var started = Stopwatch.GetTimestamp();
        while (!listening.Task.Wait(50))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
            {
                server.Dispose();
                throw new InvalidOperationException($"{peer.Name} did not start: {string.Join(' ', peer.Command)}\n{server.LastWords}");
            }
        }
        return server;
    }

    public static void EndAll()
    {
        lock (s_running)
        {
            foreach (var server in s_running.ToArray())
                server.Dispose();
        }
    }

    public void Dispose()
    {
        lock (s_running)
        {
            if (!s_running.Remove(this))
                return;
        }
        if (!_process.HasExited)
        {
            _ = Libc.Kill(_process.Id, 15);
            if (!_process.WaitForExit(3000))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
