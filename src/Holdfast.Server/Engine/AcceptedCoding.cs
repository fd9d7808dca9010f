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
        // One pass to see which codings have a name of their own, one to choose: the header may be thousands of values long, and comes from anybody.
        var named = 0;
        foreach (var wish in wishes)
        {
            if (IndexOf(wish.Value, offered) is var index and >= 0)
                named |= 1 << index;
        }
        var rest = (string?)null;
        for (var i = offered.Length - 1; i >= 0; i--)
        {
            if ((named & (1 << i)) == 0)
                rest = offered[i];
        }

        var (chosen, quality, plain) = ((string?)null, 0.0, 0.0);
        foreach (var wish in wishes)
        {
            var value = wish.Quality ?? 1;
            if (wish.Value.Equals(Identity, StringComparison.OrdinalIgnoreCase))
                plain = value;
            else if (value > quality && (wish.Value == "*" ? rest : IndexOf(wish.Value, offered) is var index and >= 0 ? offered[index] : null) is { } coding)
                (chosen, quality) = (coding, value);
        }
        return plain > quality ? null : chosen;
    }

    private static int IndexOf(StringSegment wish, ReadOnlySpan<string> offered)
    {
        for (var i = 0; i < offered.Length; i++)
        {
            if (wish.Equals(offered[i], StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }
}
