using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>The answer to a request that breaks the protocol's rules: a code and message that clients know, and a cause for our log alone.</summary>
internal sealed record Refusal(int Code, string Message, int Status, string Cause)
{
    public const string TransportMismatchName = "TRANSPORT_MISMATCH";
    public const string ProtocolMismatchName = "PROTOCOL_MISMATCH";
    public const string InvalidOriginName = "INVALID_ORIGIN";
    private const string HandshakeErrorName = "TRANSPORT_HANDSHAKE_ERROR";
    private const string NoIdName = "ID_GENERATION_ERROR";

    public static readonly Refusal TransportUnknown = new(0, "Transport unknown", StatusCodes.Status400BadRequest, "unknown transport");
    public static readonly Refusal SessionUnknown = new(1, "Session ID unknown", StatusCodes.Status400BadRequest, "unknown session");
    public static readonly Refusal BadMethod = new(2, "Bad handshake method", StatusCodes.Status400BadRequest, "handshake method");
    public static readonly Refusal TransportMismatch = BadRequest("transport mismatch", TransportMismatchName);
    public static readonly Refusal ProtocolMismatch = BadRequest("protocol mismatch", ProtocolMismatchName);
    public static readonly Refusal NoJsonp = BadRequest("JSONP", HandshakeErrorName);
    public static readonly Refusal NoUpgrade = BadRequest("websocket without upgrade", HandshakeErrorName);
    public static readonly Refusal UpgradeRefused = BadRequest("upgrade not possible", HandshakeErrorName);
    public static readonly Refusal NotAccepted = new(3, "Bad request", StatusCodes.Status503ServiceUnavailable, "WebSocket not accepted") { Name = HandshakeErrorName, IsOurs = true };
    public static readonly Refusal InvalidOrigin = BadRequest("invalid origin header", InvalidOriginName);
    public static readonly Refusal NoId = BadRequest("no usable id", NoIdName);
    public static readonly Refusal InvalidPacket = BadRequest("invalid packet");
    public static readonly Refusal Overlap = BadRequest("overlapping requests");
    public static readonly Refusal Repeated = BadRequest("repeated poll");
    public static readonly Refusal BinaryBody = BadRequest("binary body");
    public static readonly Refusal Forbidden = ForbiddenWith("Forbidden");
    public static readonly Refusal OtherUser = OfOurs("Forbidden: the session belongs to another user", "other user");
    public static readonly Refusal OriginNotAllowed = OfOurs(
        $"Forbidden: the page's origin is not in {nameof(EngineIOOptions)}.{nameof(EngineIOOptions.AllowedOrigins)} and no CORS policy of the endpoint allows it", "origin");

    public static readonly Refusal UnsupportedProtocol = new(5, "Unsupported protocol version", StatusCodes.Status400BadRequest, "protocol version");

    private readonly byte[] _body = JsonBody(Code, Message);

    /// <summary>The protocol's word for the rule that a bad request broke.</summary>
    public string? Name { get; private init; }

    /// <summary>The protocol's words for the code, whatever the client is told.</summary>
    public string Title => Code == 4 ? "Forbidden" : Message;

    /// <summary>Whether it concerns a connection that exists: such a request is no attempt to connect.</summary>
    public bool IsOfTransport => Code == 3 && Name is null;

    /// <summary>A refusal that the protocol's other servers don't know. It says the same on every transport.</summary>
    private bool IsOurs { get; init; }

    public static Refusal ForbiddenWith(string message) => new(4, message, StatusCodes.Status403Forbidden, "the application");

    public Task WriteAsync(HttpContext context, bool isWebSocket)
    {
        var response = context.Response;
        if (isWebSocket && !IsOurs)
        {
            return WriteToWebSocketAsync(context);
        }

        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = _body.Length;
        return response.Body.WriteAsync(_body, CancellationToken.None).AsTask();
    }

    /// <summary>A handshake for a WebSocket gets words instead of JSON, and the end of its connection.</summary>
    private Task WriteToWebSocketAsync(HttpContext context)
    {
        var response = context.Response;
        var body = Encoding.UTF8.GetBytes(WebUtility.HtmlEncode(Message));
        response.StatusCode = StatusCodes.Status400BadRequest;
        response.ContentType = "text/html";
        response.ContentLength = body.Length;
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        return response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }

    private static Refusal BadRequest(string cause, string? name = null) => new(3, "Bad request", StatusCodes.Status400BadRequest, cause) { Name = name };

    private static Refusal OfOurs(string message, string cause) => new(4, message, StatusCodes.Status403Forbidden, cause) { IsOurs = true };

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
