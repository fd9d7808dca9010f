using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Engine;

/// <summary>
/// What the protocol looks for in a request's query, found in the text of it: a table of all values, which the host would make and keep as long as the request runs, is made
/// only for an application that asks for one. As there, names compare without case, and of a value that stands there twice both count.
/// </summary>
internal static class RequestQuery
{
    // What nearly all clients send, so that it needs no strings of its own.
    private static readonly string[] Common = ["4", "3", Transport.Polling, Transport.WebSocket];

    public static bool Has(QueryString query, string name)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (IsNamed(pair, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null: it is not there.</summary>
    public static string? Find(QueryString query, string name)
    {
        string? found = null;
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (IsNamed(pair, name))
            {
                var value = ToText(pair.DecodeValue());
                found = found is null ? value : $"{found},{value}";
            }
        }

        return found;
    }

    private static bool IsNamed(QueryStringEnumerable.EncodedNameValuePair pair, string name) =>
        pair.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string ToText(ReadOnlyMemory<char> value)
    {
        foreach (var common in Common)
        {
            if (value.Span.SequenceEqual(common))
            {
                return common;
            }
        }

        return value.ToString();
    }
}
