using System.Text;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>A folder with the eight bundles, each with content of its own, and one file that nobody may have.</summary>
internal sealed class ClientFolder : IDisposable
{
    public static readonly string[] Names =
    [
        "socket.io.js", "socket.io.js.map", "socket.io.min.js", "socket.io.min.js.map",
        "socket.io.esm.min.js", "socket.io.esm.min.js.map", "socket.io.msgpack.min.js", "socket.io.msgpack.min.js.map",
    ];

    public ClientFolder()
    {
        foreach (var name in Names)
            Write(name, ContentOf(name));
        Write("secret.txt", "nobody's business");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("holdfast-client-").FullName;

    public static string ContentOf(string name) => string.Concat(Enumerable.Repeat($"/* {name} \u00e9 */\n", 200));

    public void Write(string name, string content) => File.WriteAllText(System.IO.Path.Combine(Path, name), content, new UTF8Encoding(false));

    public void Delete(string name) => File.Delete(System.IO.Path.Combine(Path, name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
