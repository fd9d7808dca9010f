using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Engine;

/// <summary>
/// Browsers let any page open a WebSocket to any server and send the user's cookies along; CORS doesn't cover it. So the server looks at the Origin header,
/// which scripts can't forge: it must be the server's own, be named in the options, or be allowed by the CORS policy of the endpoint or, where it has none, of the host. A request without the header
/// comes from no page.
/// </summary>
internal sealed class OriginCheck(IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the header's characters could stand in an answer; anything else is an attempt to confuse someone.</summary>
    public static bool IsWellFormed(string origin)
    {
        foreach (var c in origin)
        {
            if (c is (< ' ' and not '\t') or '\x7f' or > '\xff')
            {
                return false;
            }
        }

        return true;
    }

    public ValueTask<bool> AllowsAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length == 0 || _allowed.Contains("*") || _allowed.Contains(origin) || IsOwn(origin, context.Request)
            ? new(true)
            : AllowedByCorsAsync(context, origin);
    }

    // The scheme is left out: behind a proxy that ends TLS the request says http where the page says https.
    private static bool IsOwn(string origin, HttpRequest request)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || !request.Host.HasValue)
        {
            return false;
        }

        var port = request.Host.Port ?? (page.Scheme == Uri.UriSchemeHttps ? 443 : 80);
        return page.Port == port && string.Equals(page.Host, new HostString(request.Host.Host).ToUriComponent(), StringComparison.OrdinalIgnoreCase);
    }

    private static async ValueTask<bool> AllowedByCorsAsync(HttpContext context, string origin)
    {
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<ICorsMetadata>() switch
        {
            ICorsPolicyMetadata direct => direct.Policy,
            IEnableCorsAttribute named when context.RequestServices.GetService<ICorsPolicyProvider>() is { } policies
                => await policies.GetPolicyAsync(context, named.PolicyName),

            // The endpoint says nothing of CORS, so that of the host counts, as it does for the CORS middleware.
            null when context.RequestServices.GetService<ICorsPolicyProvider>() is { } policies => await policies.GetPolicyAsync(context, null),
            _ => null,
        };
        return policy is not null && (policy.AllowAnyOrigin || policy.IsOriginAllowed(origin));
    }
}
