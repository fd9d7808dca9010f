using Microsoft.AspNetCore.Http;

namespace Holdfast;

/// <summary>A request that the engine refused: what its client was told, and what we know besides.</summary>
public sealed class EngineConnectionError
{
    internal EngineConnectionError(int code, string message, string? name, IReadOnlyDictionary<string, object?> context, HttpContext httpContext)
    {
        Code = code;
        Message = message;
        Name = name;
        Context = context;
        HttpContext = httpContext;
    }

    /// <summary>
    /// The protocol's code: 0 transport unknown, 1 session unknown, 2 bad handshake method, 3 bad request, 4 forbidden, 5 unsupported protocol version.
    /// </summary>
    public int Code { get; }

    /// <summary>The protocol's words for the code.</summary>
    public string Message { get; }

    /// <summary>
    /// Which rule a bad request broke: <c>TRANSPORT_MISMATCH</c>, <c>PROTOCOL_MISMATCH</c>, <c>TRANSPORT_HANDSHAKE_ERROR</c>, <c>INVALID_ORIGIN</c> or <c>ID_GENERATION_ERROR</c>; null with the other codes.
    /// </summary>
    public string? Name { get; }

    /// <summary>
    /// The values that led to it, by the names that they have in the protocol's other servers: <c>transport</c>, <c>previousTransport</c>, <c>protocol</c>, <c>previousProtocol</c>, <c>sid</c>, <c>method</c>, <c>origin</c>, <c>message</c>,
    /// <c>error</c>, and <c>name</c> as in <see cref="Name"/>. They are the client's own words: escape them wherever they are shown.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Context { get; }

    /// <summary>The request. Not to be kept beyond the call.</summary>
    public HttpContext HttpContext { get; }
}
