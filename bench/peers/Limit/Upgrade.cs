using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Peers;

/// <summary>The opening handshake, and the choice of what the frames are read from and written to.</summary>
internal static class Upgrade
{
    private static readonly bool UsesStream = Environment.GetEnvironmentVariable("WIRE") == "stream";

    public static async Task RunAsync(HttpContext context, LimitServer server)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        if (upgrade?.IsUpgradableRequest != true || key.Length != 24)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Accept(key);
        var stream = await upgrade.UpgradeAsync();

        // Response.BodyWriter would be the third choice, but refuses everything once the connection is upgraded.
        var transport = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport;
        var input = UsesStream ? PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true)) : transport.Input;
        var output = UsesStream ? PipeWriter.Create(stream) : transport.Output;
        await new LimitConnection(server, input, output, context.Abort).RunAsync();
    }

    private static string Accept(string key)
    {
        Span<byte> text = stackalloc byte[60];
        Encoding.ASCII.GetBytes(key, text);
        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8.CopyTo(text[24..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // the RFC's choice; it protects nothing
        SHA1.HashData(text, hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }
}
