using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>The answer to a request that breaks the protocol's rules: a code and message that clients know, and a detail for our log alone.</summary>
internal sealed record Refusal(int Code, string Message, int Status, string Name)
{
    public static readonly Refusal TransportUnknown = new(0, "Transport unknown", StatusCodes.Status400BadRequest, "unknown transport");
    public static readonly Refusal SessionUnknown = new(1, "Session ID unknown", StatusCodes.Status400BadRequest, "unknown session");
    public static readonly Refusal BadMethod = new(2, "Bad handshake method", StatusCodes.Status400BadRequest, "handshake method");
    public static readonly Refusal TransportMismatch = BadRequest("transport mismatch");
    public static readonly Refusal ProtocolMismatch = BadRequest("protocol mismatch");
    public static readonly Refusal NoJsonp = BadRequest("JSONP");
    public static readonly Refusal NoUpgrade = BadRequest("websocket without upgrade");
    public static readonly Refusal UpgradeRefused = BadRequest("upgrade not possible");
    public static readonly Refusal InvalidOrigin = BadRequest("invalid origin header");
    public static readonly Refusal InvalidPacket = BadRequest("invalid packet");
    public static readonly Refusal Overlap = BadRequest("overlapping requests");
    public static readonly Refusal Repeated = BadRequest("repeated poll");
    public static readonly Refusal BinaryBody = BadRequest("binary body");
    public static readonly Refusal OtherUser = new(4, "Forbidden: the session belongs to another user", StatusCodes.Status403Forbidden, "other user");
    public static readonly Refusal OriginNotAllowed = new(
        4,
        $"Forbidden: the page's origin is not in {nameof(EngineIOOptions)}.{nameof(EngineIOOptions.AllowedOrigins)} and no CORS policy of the endpoint allows it",
        StatusCodes.Status403Forbidden,
        "origin");

    public static readonly Refusal UnsupportedProtocol = new(5, "Unsupported protocol version", StatusCodes.Status400BadRequest, "protocol version");

    private readonly byte[] _body = JsonBody(Code, Message);

    public Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = _body.Length;
        return response.Body.WriteAsync(_body, CancellationToken.None).AsTask();
    }

    private static Refusal BadRequest(string name) => new(3, "Bad request", StatusCodes.Status400BadRequest, name);

    private static byte[] JsonBody(int code, string message)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("code", code);
            json.WriteString("message", message);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
