using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Holdfast;

/// <summary>
/// What the client said when it came: a snapshot of its first HTTP request, taken once per session and never changed afterwards. Safe to read from any thread.
/// </summary>
public sealed class Handshake
{
    private readonly Snapshot _request;

    internal Handshake(HttpContext context, DateTimeOffset issued)
        : this(new Snapshot(context, issued), default)
    {
    }

    private Handshake(Snapshot request, EventArgument auth)
    {
        _request = request;
        Auth = auth;
    }

    /// <summary>What another server has told of a client of its own.</summary>
    internal static Handshake Elsewhere(
        KeyValuePair<string, StringValues>[] headers, string address, string url, string query, bool secure, bool crossDomain, DateTimeOffset issued, EventArgument auth) =>
        new(new Snapshot(headers, address, url, query, secure, crossDomain, issued), auth);

    /// <summary>The request's headers, read-only; names compare without case.</summary>
    public IHeaderDictionary Headers => _request.Headers;

    /// <summary>The request's query, the application's own values included.</summary>
    public IQueryCollection Query => _request.Query;

    /// <summary>The client's IP address as the server sees it (behind a proxy: after the forwarded-headers middleware); empty when there is none.</summary>
    public string Address => _request.Address;

    /// <summary>Path and query of the request.</summary>
    public string Url => _request.Url;

    /// <summary>Whether the request came over TLS.</summary>
    public bool Secure => _request.Secure;

    /// <summary>Whether the request carried an Origin header, that is, came from a page's script.</summary>
    public bool CrossDomain => _request.CrossDomain;

    /// <summary>When the session began.</summary>
    public DateTimeOffset Issued => _request.Issued;

    /// <summary>The user that ASP.NET Core's authentication found; without authentication an anonymous one.</summary>
    public ClaimsPrincipal User => _request.User ?? _request.CreateUser();

    /// <summary>What the client sent when it connected to the namespace; a null argument where there is no namespace.</summary>
    public EventArgument Auth { get; }

    /// <summary>The user, if anybody has asked for one or authentication has found one.</summary>
    internal ClaimsPrincipal? KnownUser => _request.User;

    /// <summary>The query as it came.</summary>
    internal QueryString QueryString => _request.QueryString;

    /// <summary>The same snapshot with the auth value of one namespace.</summary>
    internal Handshake WithAuth(EventArgument auth) => auth.IsNull ? this : new(_request, auth);

    /// <summary>
    /// What the server keeps of the request is kept as it is; what most applications never look at is made when somebody asks. Two who ask at once may be given two that are equal,
    /// except for the user, which an application may add identities to.
    /// </summary>
    private sealed class Snapshot
    {
        private readonly KeyValuePair<string, StringValues>[] _headers;
        private readonly IPAddress? _address;
        private readonly PathString _pathBase;
        private readonly PathString _path;
        private readonly QueryString _queryString;
        private ClaimsPrincipal? _user;

        public Snapshot(HttpContext context, DateTimeOffset issued)
        {
            var request = context.Request;

            // The server reuses the request's own header table for the next request on the connection; the session lives longer.
            _headers = [.. request.Headers];
            _address = context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
            _pathBase = request.PathBase;
            _path = request.Path;
            _queryString = request.QueryString;
            _user = context.Features.Get<IHttpAuthenticationFeature>()?.User;
            Secure = request.IsHttps;
            CrossDomain = request.Headers.Origin.Count > 0;
            Issued = issued;
        }

        public Snapshot(KeyValuePair<string, StringValues>[] headers, string address, string url, string query, bool secure, bool crossDomain, DateTimeOffset issued)
        {
            _headers = headers;
            _queryString = new QueryString(query);
            Address = address;
            Url = url;
            Secure = secure;
            CrossDomain = crossDomain;
            Issued = issued;
        }

        public IHeaderDictionary Headers => field ??= CreateHeaders();

        public IQueryCollection Query => field ??= new QueryCollection(QueryHelpers.ParseQuery(_queryString.Value));

        public QueryString QueryString => _queryString;

        public string Address
        {
            get => field ??= _address?.ToString() ?? "";
            private init;
        }

        public string Url
        {
            get => field ??= UriHelper.BuildRelative(_pathBase, _path, _queryString);
            private init;
        }

        public bool Secure { get; }

        public bool CrossDomain { get; }

        public DateTimeOffset Issued { get; }

        public ClaimsPrincipal? User => _user;

        public ClaimsPrincipal CreateUser()
        {
            var anonymous = new ClaimsPrincipal(new ClaimsIdentity());
            return Interlocked.CompareExchange(ref _user, anonymous, null) ?? anonymous;
        }

        private HeaderDictionary CreateHeaders()
        {
            var headers = new HeaderDictionary(_headers.Length);
            foreach (var (name, values) in _headers)
            {
                headers[name] = values;
            }

            headers.IsReadOnly = true;
            return headers;
        }
    }
}
