using Holdfast.Load.Dialects;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Servers;

/// <summary>A program that can be measured, and how it is started.</summary>
internal sealed record Peer(string Name, string Title, Dialect Dialect, string[] Command, string Folder)
{
    /// <summary>The project that has to be built first, below the root.</summary>
    public string? Project { get; init; }

    /// <summary>What it needs comes from npm.</summary>
    public bool NeedsNpm { get; init; }

    /// <summary>What it finds in its environment beside what every server does.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public bool HasPolling { get; init; }

    public bool HasRecovery { get; init; }

    /// <summary><c>holdfast</c>, or <c>NAME=FILE</c> for a second build of any of them: a .dll, a .mjs, or a program.</summary>
    public static Peer Parse(string text, string root)
    {
        if (text.Split('=', 2) is [var name, var file])
        {
            var path = Path.GetFullPath(file);
            if (!File.Exists(path))
                throw new ArgumentException($"there is no file '{file}'");
            var isSignalR = name.StartsWith("signalr", StringComparison.Ordinal);
            return new(name, name, isSignalR ? new SignalRDialect() : new SocketIODialect(), Start(path), Path.GetDirectoryName(path)!)
            {
                HasPolling = !isSignalR,
                HasRecovery = !isSignalR,
            };
        }
        var peers = Path.Combine(root, "bench", "peers");
        return text switch
        {
            "holdfast" => Built("Holdfast", "bench/BenchServer") with { HasPolling = true, HasRecovery = true },
            "pool" => Built("Holdfast, pool", "bench/BenchServer") with { Settings = new Dictionary<string, string> { ["INLINE"] = "0" } },
            "node" => FromNpm("Node", "node", "node/server.mjs"),
            "bun" => FromNpm("Bun", Path.Combine(peers, "node_modules", "bun", "bin", "bun.exe"), "bun/server.mjs"),
            "signalr" => Built("SignalR", "bench/peers/SignalR") with { Dialect = new SignalRDialect() },
            "kestrel" => Built("Kestrel", "bench/peers/Kestrel"),
            "limit" => Built("limit", "bench/peers/Limit"),
            _ => throw new ArgumentException($"there is no server '{text}': holdfast, pool, node, bun, signalr, kestrel, limit, or NAME=FILE"),
        };

        Peer FromNpm(string title, string program, string file) =>
            new(text, title, new SocketIODialect(), [program, Path.Combine(peers, file)], peers) { NeedsNpm = true, HasPolling = true, HasRecovery = true };

        Peer Built(string title, string project)
        {
            var name = Path.GetFileName(project);
            var file = Path.Combine(root, "artifacts", "bin", name, "release", name + ".dll");
            return new(text, title, new SocketIODialect(), ["dotnet", file], root) { Project = project };
        }
    }

    private static string[] Start(string path) => Path.GetExtension(path) switch
    {
        ".dll" => ["dotnet", path],
        ".mjs" or ".js" => ["node", path],
        _ => [path],
    };
}
