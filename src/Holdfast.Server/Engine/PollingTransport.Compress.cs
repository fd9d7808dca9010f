using System.IO.Compression;
using System.IO.Pipelines;
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
        return AcceptedCoding.Choose(context.Request.Headers.AcceptEncoding, [Gzip, Deflate]);
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

    private async ValueTask WriteCompressedAsync(HttpContext context, ReadOnlyMemory<EncodedPacket> batch, PollingCodec.Answer answer, string encoding)
    {
        SetHeaders(context, answer.ContentType, length: null);
        context.Response.Headers.ContentEncoding = encoding;
        var level = Session.Server.Options.HttpCompression!.Level;
        await using Stream compressing = encoding == Gzip
            ? new GZipStream(context.Response.Body, level, leaveOpen: true)
            : new ZLibStream(context.Response.Body, level, leaveOpen: true);
        var output = PipeWriter.Create(compressing, new StreamPipeWriterOptions(leaveOpen: true));
        PollingCodec.Write(batch.Span, answer, output);
        await output.CompleteAsync();
    }
}
