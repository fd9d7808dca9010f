using System.Diagnostics;

namespace Holdfast.Load.Servers;

/// <summary>Brings what the chosen servers are made of up to date, before any of them is started.</summary>
internal static class Builds
{
    public static void Prepare(IEnumerable<Peer> peers, string root)
    {
        foreach (var project in peers.Select(peer => peer.Project).OfType<string>().Distinct())
            Run(root, "dotnet", ["build", project, "-c", "Release", "-m:2", "-v", "quiet", "-clp:NoSummary"]);
        var npm = Path.Combine(root, "bench", "peers");
        if (!peers.Any(peer => peer.NeedsNpm))
            return;
        var (wanted, there) = (Path.Combine(npm, "package-lock.json"), Path.Combine(npm, "node_modules", ".package-lock.json"));
        if (!File.Exists(there) || File.GetLastWriteTimeUtc(wanted) > File.GetLastWriteTimeUtc(there))
            Run(npm, "npm", ["ci", "--loglevel=error"]);
        // npm may hold back the script that puts the program of Bun in place.
        var bun = Path.Combine(npm, "node_modules", "bun");
        if (Directory.Exists(bun) && new FileInfo(Path.Combine(bun, "bin", "bun.exe")) is not { Exists: true, Length: > 1_000_000 })
            Run(npm, "node", ["node_modules/bun/install.js"]);
    }

    /// <summary>The first line of what a program says; empty if it can't be run.</summary>
    public static string Ask(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Start(folder, program, arguments);
            var line = process.StandardOutput.ReadLine() ?? "";
            process.WaitForExit();
            return line;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private static Process Start(string folder, string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;

    private static void Run(string folder, string program, string[] arguments)
    {
        using var process = Start(folder, program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed\n{output}\n{errors.Result}");
    }
}
