using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Holdfast;

/// <summary>
/// What the client said when it came: a snapshot of its first HTTP request, taken once per session and never changed afterwards. Safe to read from any thread.
/// </summary>
public sealed class Handshake
{
    private Handshake(Handshake other, EventArgument auth)
    {
        Headers = other.Headers;
        Query = other.Query;
        Address = other.Address;
        Url = other.Url;
        Secure = other.Secure;
        CrossDomain = other.CrossDomain;
        Issued = other.Issued;
        User = other.User;
        Auth = auth;
    }

    internal Handshake(HttpContext context, DateTimeOffset issued)
    {
        var request = context.Request;

        // The server reuses the request's own header table for the next request on the connection; the session lives longer.
        var headers = new HeaderDictionary(request.Headers.Count);
        foreach (var (name, values) in request.Headers)
        {
            headers[name] = values;
        }

        headers.IsReadOnly = true;
        Headers = headers;
        Query = request.Query;
        Address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        Url = request.GetEncodedPathAndQuery();
        Secure = request.IsHttps;
        CrossDomain = Headers.Origin.Count > 0;
        Issued = issued;
        User = context.User;
    }

    /// <summary>The request's headers, read-only; names compare without case.</summary>
    public IHeaderDictionary Headers { get; }

    /// <summary>The request's query, the application's own values included.</summary>
    public IQueryCollection Query { get; }

    /// <summary>The client's IP address as the server sees it (behind a proxy: after the forwarded-headers middleware); empty when there is none.</summary>
    public string Address { get; }

    /// <summary>Path and query of the request.</summary>
    public string Url { get; }

    /// <summary>Whether the request came over TLS.</summary>
    public bool Secure { get; }

    /// <summary>Whether the request carried an Origin header, that is, came from a page's script.</summary>
    public bool CrossDomain { get; }

    /// <summary>When the session began.</summary>
    public DateTimeOffset Issued { get; }

    /// <summary>The user that ASP.NET Core's authentication found; without authentication an anonymous one.</summary>
    public ClaimsPrincipal User { get; }

    /// <summary>What the client sent when it connected to the namespace; a null argument where there is no namespace.</summary>
    public EventArgument Auth { get; }

    /// <summary>The same snapshot with the auth value of one namespace.</summary>
    internal Handshake WithAuth(EventArgument auth) => new(this, auth);
}
