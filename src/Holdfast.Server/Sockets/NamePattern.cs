using System.Text.RegularExpressions;
using Holdfast.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Holdfast.Sockets;

/// <summary>
/// A pattern for the names of namespaces. The names come from anybody, and a pattern that backtracks may take exponential time for one of them; so it runs in linear time where it can,
/// and against a clock where it can't.
/// </summary>
internal sealed class NamePattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    private readonly Regex _regex;
    private readonly ILogger _log;
    private int _complaints;

    public NamePattern(Regex pattern, ILogger log)
    {
        _log = log;
        var limit = pattern.MatchTimeout == Regex.InfiniteMatchTimeout ? Limit : pattern.MatchTimeout;
        try
        {
            _regex = new Regex(pattern.ToString(), pattern.Options | RegexOptions.NonBacktracking, limit);
        }
        catch (Exception fault) when (fault is NotSupportedException or ArgumentException)
        {
            _regex = new Regex(pattern.ToString(), pattern.Options, limit);
        }
    }

    public bool Matches(string name)
    {
        try
        {
            return _regex.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            // Once: whoever sends the name can do so again and again.
            if (Interlocked.Exchange(ref _complaints, 1) == 0)
                _log.SlowPattern(_regex.ToString());
            return false;
        }
    }
}
