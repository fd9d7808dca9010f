using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Engine;

/// <summary>Which content coding an answer gets, by the request's Accept-Encoding header (RFC 9110, section 12.5.3).</summary>
internal static class AcceptedCoding
{
    private const string Identity = "identity";

    /// <summary>
    /// Null: as it is, which is also what a header that refuses everything gets. The coding with the highest q-value wins; among equals the one that the client names first, which is what other servers
    /// of the protocol do. <c>*</c> stands for those that the header doesn't name, in the order in which they are offered.
    /// </summary>
    /// <param name="acceptEncoding">The header's values.</param>
    /// <param name="offered">In the order of our own preference, which decides what <c>*</c> gets.</param>
    public static string? Choose(StringValues acceptEncoding, ReadOnlySpan<string> offered)
    {
        if (StringValues.IsNullOrEmpty(acceptEncoding) || !StringWithQualityHeaderValue.TryParseList(acceptEncoding!, out var wishes))
            return null;
        var (chosen, quality, plain) = ((string?)null, 0.0, 0.0);
        foreach (var wish in wishes)
        {
            var value = wish.Quality ?? 1;
            if (wish.Value.Equals(Identity, StringComparison.OrdinalIgnoreCase))
                plain = value;
            else if (value > quality && Meant(wish.Value, wishes, offered) is { } coding)
                (chosen, quality) = (coding, value);
        }
        return plain > quality ? null : chosen;
    }

    private static string? Meant(StringSegment wish, IList<StringWithQualityHeaderValue> wishes, ReadOnlySpan<string> offered)
    {
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
