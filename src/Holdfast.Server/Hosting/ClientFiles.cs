using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Hosting;

/// <summary>The browser bundles of the official client, served from a folder below the server's path: these names and no others.</summary>
internal sealed class ClientFiles
{
    private static readonly string[] Bundles = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

    private readonly FrozenDictionary<string, string> _paths;

    public ClientFiles(string folder)
    {
        var full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
            throw new DirectoryNotFoundException($"SocketIOOptions.ClientFiles names the folder {full}, which does not exist. Restore the npm package socket.io-client and name its dist folder.");
        _paths = Bundles.Concat(Bundles.Select(bundle => bundle + ".map"))
            .Select(name => KeyValuePair.Create(name, Path.Combine(full, name)))
            .Where(file => File.Exists(file.Value))
            .ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Null: the request is not for one of the files.</summary>
    public Task? TryServeAsync(HttpContext context)
    {
        var name = context.GetRouteValue("rest") as string ?? "";
        if (!(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) || !_paths.TryGetValue(name, out var path))
            return null;
        var file = new FileInfo(path);
        var type = name.EndsWith(".map", StringComparison.Ordinal) ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8";
        var version = new EntityTagHeaderValue($"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\"");
        context.Response.Headers.CacheControl = "public, max-age=0";
        return TypedResults.PhysicalFile(path, type, lastModified: file.LastWriteTimeUtc, entityTag: version).ExecuteAsync(context);
    }
}
