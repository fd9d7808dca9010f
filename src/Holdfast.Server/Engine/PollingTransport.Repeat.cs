using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>
/// Requests that come twice. A browser whose kept-alive connection breaks before an answer has begun sends the request again on a new connection, on its own: the client hears nothing of it.
/// The messages of the first answer would be lost in silence, and the packets of a POST handled twice. Clients give each request a value of its own against caches, which shows it.
/// A poll whose messages were written already ends the session as a lost connection does, so that the client knows; a POST that was handled already is only answered.
/// </summary>
internal sealed partial class PollingTransport
{
    private const string AnswerLost = "a poll came again: its answer was lost";
    private const int MaxMark = 64;

    private string? _pollMark;
    private string? _answeredPoll;
    private string? _handledPost;

    /// <summary>Null: the request says nothing that tells it from another.</summary>
    private static string? MarkOf(HttpContext context) =>
        context.Request.Query.TryGetValue("t", out var values) && values is [{ Length: > 0 and <= MaxMark } mark] ? mark : null;
}
