using System.Security.Claims;

namespace Holdfast.Recovery;

/// <summary>What tells one user from another: a session comes back only to its own.</summary>
internal static class UserKey
{
    private static readonly string[] Subjects = [ClaimTypes.NameIdentifier, "sub", ClaimTypes.Name];

    /// <summary>Null: not authenticated.</summary>
    public static string? Of(ClaimsPrincipal? user)
    {
        if (user?.Identity is not { IsAuthenticated: true })
            return null;
        foreach (var type in Subjects)
        {
            if (user.FindFirst(type) is { } subject)
                return $"{type}\n{subject.Issuer}\n{subject.Value}";
        }
        // Authenticated, but nobody says as whom: then everything that is known has to be the same.
        return string.Join('\n', user.Claims.Select(claim => $"{claim.Type}\n{claim.Issuer}\n{claim.Value}").Order(StringComparer.Ordinal).Prepend(user.Identity.AuthenticationType));
    }
}
