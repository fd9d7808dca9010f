using System.Diagnostics;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>A small file system of its own.</summary>
internal sealed class Tmpfs(string folder) : IDisposable
{
    public static Tmpfs? TryMount(string folder, string options) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder) == 0 ? new Tmpfs(folder) : null;

    public void Dispose() => Run("umount", "-l", folder);

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
