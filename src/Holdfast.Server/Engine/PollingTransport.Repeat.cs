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

    private RequestMark? _pollMark;
    private RequestMark? _answeredPoll;
    private RequestMark? _handledPost;

    /// <summary>Null: the request says nothing that tells it from another.</summary>
    private RequestMark? MarkOf(HttpContext context) =>
        RequestQuery.Find(context.Request.QueryString, "t") is { Length: > 0 and <= MaxMark } value
            ? new RequestMark(value, context.Connection.Id, context.Request.ContentLength, Session.Server.Clock.Now)
            : null;

    private sealed record RequestMark(string Value, string Connection, long? Length, long Arrived)
    {
        /// <summary>A client that takes the time for its value may send two requests in one moment, one after the other on one connection.</summary>
        private static readonly long Moment = TimeSpan.FromMilliseconds(50).Ticks;

        /// <summary>A proxy may bring the repetition on the connection of the first.</summary>
        public bool RepeatsPoll(RequestMark? earlier) => Value == earlier?.Value && (Connection != earlier.Connection || Arrived - earlier.Arrived >= Moment);

        /// <summary>To leave out a POST that is none would lose it, so more has to be the same.</summary>
        public bool RepeatsPost(RequestMark? earlier) => Value == earlier?.Value && Connection != earlier.Connection && Length == earlier.Length;
    }
}
