using System.IO.Compression;
using System.IO.Pipelines;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Engine;

/// <summary>Bodies that are worth it leave compressed: large ones with a packet that may be, for a client that can read them. They are compressed as they are sent, so their length is not known before.</summary>
internal sealed partial class PollingTransport
{
    private const string Gzip = "gzip";
    private const string Deflate = "deflate";

    private string? EncodingFor(HttpContext context, ReadOnlySpan<EncodedPacket> batch, int length)
    {
        if (Session.Server.Options.HttpCompression is not { } compression || length < compression.Threshold || !MayCompress(batch))
        {
            return null;
        }

        // From here on the answer depends on the header, whatever it says.
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        return Choose(context.Request);
    }

    private static bool MayCompress(ReadOnlySpan<EncodedPacket> batch)
    {
        foreach (var packet in batch)
        {
            if (packet.Compress)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The encoding that the client likes best; gzip if it likes both as well, none if it likes none better.</summary>
    private static string? Choose(HttpRequest request)
    {
        double? gzip = null, deflate = null, identity = null, others = null;
        foreach (var accepted in request.GetTypedHeaders().AcceptEncoding)
        {
            var quality = accepted.Quality ?? 1;
            switch (accepted.Value.Value?.ToLowerInvariant())
            {
                case Gzip:
                    gzip = quality;
                    break;
                case Deflate:
                    deflate = quality;
                    break;
                case "identity":
                    identity = quality;
                    break;
                case "*":
                    others = quality;
                    break;
            }
        }

        var forGzip = gzip ?? others ?? 0;
        var forDeflate = deflate ?? others ?? 0;
        var best = Math.Max(forGzip, forDeflate);
        if (best <= 0 || best < identity)
        {
            return null;
        }

        return forGzip == best ? Gzip : Deflate;
    }

    private async ValueTask WriteCompressedAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch, string encoding)
    {
        SetHeaders(context, "text/plain; charset=UTF-8", length: null);
        context.Response.Headers.ContentEncoding = encoding;
        var level = Session.Server.Options.HttpCompression!.Level;
        await using Stream compressing = encoding == Gzip
            ? new GZipStream(context.Response.Body, level, leaveOpen: true)
            : new ZLibStream(context.Response.Body, level, leaveOpen: true);
        var output = PipeWriter.Create(compressing, new StreamPipeWriterOptions(leaveOpen: true));
        PollingPayload.Write(batch.Span, output);
        await output.CompleteAsync();
    }
}
