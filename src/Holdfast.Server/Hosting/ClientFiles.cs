using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Holdfast.Hosting;

/// <summary>The browser bundles of the official client, served from a folder below the server's path: these names and no others, whatever else the folder holds.</summary>
internal sealed class ClientFiles
{
    private static readonly string[] Bundles = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

    private readonly FrozenDictionary<string, ClientFile> _files;

    /// <param name="folder">From the host's content root, if it is no full path.</param>
    /// <param name="contentRoot">Where the host's files are.</param>
    public ClientFiles(string folder, string contentRoot)
    {
        var full = Path.GetFullPath(folder, contentRoot);
        if (!Directory.Exists(full))
            throw new DirectoryNotFoundException($"SocketIOOptions.ClientFiles names the folder {full}, which does not exist. Restore the npm package socket.io-client and name its dist folder.");
        _files = Bundles.Concat(Bundles.Select(bundle => bundle + ".map"))
            .Select(name => KeyValuePair.Create(name, new ClientFile(Path.Combine(full, name))))
            .Where(file => file.Value.Find() is not null)
            .ToFrozenDictionary(StringComparer.Ordinal);
        if (_files.Count == 0)
            throw new FileNotFoundException($"SocketIOOptions.ClientFiles names the folder {full}, which holds none of the client's bundles ({Bundles[0]} and others). Name the dist folder of the npm package socket.io-client.");
    }

    /// <summary>Null: the request is not for one of the files.</summary>
    public Task? TryServeAsync(HttpContext context)
    {
        // The name is compared, never made into a path: there is nothing that an encoded "../" could leave.
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return isRead && context.GetRouteValue("rest") is string name && _files.TryGetValue(name, out var file) && file.Find() is { } found
            ? file.ServeAsync(context, found)
            : null;
    }
}
