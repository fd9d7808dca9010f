using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Engine;

/// <summary>Which content coding an answer gets, by the request's Accept-Encoding header (RFC 9110, section 12.5.3).</summary>
internal static class AcceptedCoding
{
    private const string Identity = "identity";

    /// <summary>
    /// Null: as it is. The coding with the highest q-value wins; among equals the one that the client names first, which is what other servers of the protocol do.
    /// <c>*</c> stands for those that the header doesn't name, in the order in which they are offered. What the header refuses altogether is sent as it is.
    /// </summary>
    /// <param name="acceptEncoding">The header's values.</param>
    /// <param name="offered">In the order of our own preference, which decides what <c>*</c> gets.</param>
    public static string? Choose(StringValues acceptEncoding, ReadOnlySpan<string> offered)
    {
        if (StringValues.IsNullOrEmpty(acceptEncoding) || !StringWithQualityHeaderValue.TryParseList(acceptEncoding!, out var wishes))
            return null;
        string? chosen = null;
        var quality = 0.0;
        foreach (var wish in wishes)
        {
            if ((wish.Quality ?? 1) > quality && Meant(wish.Value, wishes, offered) is { } coding)
                (chosen, quality) = (coding, wish.Quality ?? 1);
        }
        return chosen == Identity ? null : chosen;
    }

    private static string? Meant(StringSegment wish, IList<StringWithQualityHeaderValue> wishes, ReadOnlySpan<string> offered)
    {
        if (wish.Equals(Identity, StringComparison.OrdinalIgnoreCase))
            return Identity;
        foreach (var coding in offered)
        {
            if (wish == "*" ? !Names(wishes, coding) : wish.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return coding;
        }
        return null;
    }

    private static bool Names(IList<StringWithQualityHeaderValue> wishes, string coding)
    {
        foreach (var wish in wishes)
        {
            if (wish.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
