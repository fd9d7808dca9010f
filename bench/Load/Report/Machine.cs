using System.Runtime.InteropServices;
using Holdfast.Load.Servers;

namespace Holdfast.Load.Report;

/// <summary>What the figures were taken on, and with which versions.</summary>
internal sealed record Machine(
    int CoreCount, string Processor, string Kernel, string System, string ServerCores, string LoadCores,
    string DotNet, string Node, string Bun, string SocketIO, string Commit)
{
    public static Machine Look(string root, Cores cores)
    {
        var peers = Path.Combine(root, "bench", "peers");
        var lines = File.ReadAllLines("/proc/cpuinfo");
        var model = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var changed = Builds.Ask(root, "git", "status", "--porcelain", "--untracked-files=no", "src").Length > 0 ? ", with changes" : "";
        return new(
            lines.Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
            model ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Builds.Ask(root, "uname", "-r"),
            RuntimeInformation.OSDescription,
            string.Join(", ", cores.Server),
            string.Join(", ", cores.Load),
            RuntimeInformation.FrameworkDescription,
            Builds.Ask(root, "node", "--version"),
            Builds.Ask(root, Path.Combine(peers, "node_modules", "bun", "bin", "bun.exe"), "--version"),
            Builds.Ask(peers, "node", "-p", "require('socket.io/package.json').version"),
            Builds.Ask(root, "git", "rev-parse", "--short", "HEAD") + changed);
    }
}
