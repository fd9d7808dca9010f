using Holdfast.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Hosting;

/// <summary>
/// One bundle. Pages ask for it each time (<c>max-age=0</c>) and mostly hear that theirs is still good, so it is kept in memory, in each coding that was asked for; a file that was
/// replaced since is read again.
/// </summary>
internal sealed class ClientFile(string path)
{
    private readonly string _type = path.EndsWith(".map", StringComparison.Ordinal) ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8";
    private ClientFileVersion? _version;

    /// <summary>Null: it is not there, or not any more.</summary>
    public FileInfo? Find()
    {
        var file = new FileInfo(path);
        return file.Exists ? file : null;
    }

    public async Task ServeAsync(HttpContext context, FileInfo found)
    {
        var (request, response) = (context.Request, context.Response);
        var coding = AcceptedCoding.Choose(request.Headers.AcceptEncoding, ClientFileVersion.Codings);
        var (bytes, tag) = await VersionOf(found).InAsync(coding);

        // A 304 says these as well: caches keep them.
        response.Headers.CacheControl = "public, max-age=0";
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        response.Headers.ETag = tag.ToString();
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = _type;
        response.ContentLength = bytes.Length;
        if (coding is not null)
            response.Headers.ContentEncoding = coding;
        if (HttpMethods.IsGet(request.Method))
            await response.Body.WriteAsync(bytes, CancellationToken.None);
    }

    private ClientFileVersion VersionOf(FileInfo found)
    {
        var known = Volatile.Read(ref _version);
        if (known is not null && known.IsOf(found))
            return known;

        // Of those who come at the same time the first one's version counts, so that each coding is made once.
        var fresh = new ClientFileVersion(found);
        var first = Interlocked.CompareExchange(ref _version, fresh, known);
        return first == known ? fresh : first!;
    }
}
