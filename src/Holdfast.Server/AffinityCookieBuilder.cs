using Microsoft.AspNetCore.Http;

namespace Holdfast;

/// <summary>
/// The cookie that keeps the requests of a polling client on one node behind a load balancer, with the values that other servers of the protocol use: named <c>io</c>, for the path <c>/</c>, HttpOnly, SameSite Lax, Secure when the
/// request came over TLS. Everything can be changed.
/// </summary>
public class AffinityCookieBuilder : CookieBuilder
{
    /// <summary>Makes it with these values.</summary>
    public AffinityCookieBuilder()
    {
        Name = "io";
        Path = "/";
        HttpOnly = true;
        SameSite = SameSiteMode.Lax;

        // A consent banner must not come between a client and its node.
        IsEssential = true;
    }
}
