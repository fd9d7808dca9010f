using Holdfast.Load.Dialects;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Servers;

/// <summary>A program that can be measured, and how it is started.</summary>
internal sealed record Peer(string Name, string Title, Dialect Dialect, string[] Command, string Folder)
{
    /// <summary><c>holdfast</c>, or <c>NAME=FILE</c> for a second build of any of them: a .dll, a .mjs, or a program.</summary>
    public static Peer Parse(string text, string root)
    {
        if (text.Split('=', 2) is [var name, var file])
        {
            var path = Path.GetFullPath(file);
            Dialect dialect = name.StartsWith("signalr", StringComparison.Ordinal) ? new SignalRDialect() : new SocketIODialect();
            return new(name, name, dialect, Start(path), Path.GetDirectoryName(path)!);
        }
        var bin = Path.Combine(root, "artifacts", "bin");
        var peers = Path.Combine(root, "bench", "peers");
        return text switch
        {
            "holdfast" => Known("Holdfast", new SocketIODialect(), Path.Combine(bin, "BenchServer", "release", "BenchServer.dll")),
            "node" => Known("Node", new SocketIODialect(), Path.Combine(peers, "node", "server.mjs")),
            "bun" => new("bun", "Bun", new SocketIODialect(), [Path.Combine(peers, "node_modules", "bun", "bin", "bun.exe"), Path.Combine(peers, "bun", "server.mjs")], peers),
            "signalr" => Known("SignalR", new SignalRDialect(), Path.Combine(bin, "SignalR", "release", "SignalR.dll")),
            "kestrel" => Known("Kestrel", new SocketIODialect(), Path.Combine(bin, "Kestrel", "release", "Kestrel.dll")),
            "limit" => Known("limit", new SocketIODialect(), Path.Combine(bin, "Limit", "release", "Limit.dll")),
            _ => throw new ArgumentException($"there is no server '{text}': holdfast, node, bun, signalr, kestrel, limit, or NAME=FILE"),
        };

        Peer Known(string title, Dialect dialect, string path) => new(text, title, dialect, Start(path), Path.GetDirectoryName(path)!);
    }

    private static string[] Start(string path) => Path.GetExtension(path) switch
    {
        ".dll" => ["dotnet", path],
        ".mjs" or ".js" => ["node", path],
        _ => [path],
    };
}
