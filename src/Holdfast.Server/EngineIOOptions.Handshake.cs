using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Holdfast;

// What happens when a client comes, and how its bytes may be packed.
public partial class EngineIOOptions
{
    /// <summary>
    /// The cookie in which a client that begins with polling gets its session's id, so that a load balancer can keep its requests on one node. Null, the default: none. It begins with
    /// the values that other servers of the protocol use, from code and from configuration: <c>io</c>, path <c>/</c>, HttpOnly, SameSite Lax. It stands on the answer to the polling handshake alone: a WebSocket is one connection and needs none.
    /// </summary>
    /// <remarks>The server never reads the cookie. A path of no characters leaves the attribute out.</remarks>
    public AffinityCookieBuilder? Cookie { get; set; }

    /// <summary>
    /// Asked once for each client that comes, before it gets a session; requests of clients that have one don't pass here. Null, the default: all may come. With false, or a thrown
    /// <see cref="ConnectRejectedException"/> whose message the client then sees, the answer is code 4: status 403, on a WebSocket handshake 400. Any other exception is logged as the application's error,
    /// and the client is refused without its details. Authentication and the like belong into ASP.NET Core's own middleware; this is for what concerns this endpoint alone.
    /// </summary>
    public Func<HttpContext, Task<bool>>? AllowRequest { get; set; }

    /// <summary>
    /// Makes the ids of sessions. Null, the default: 20 characters from 120 random bits. Whoever knows the id of a polling session can speak for it, so an id of your own has to be as hard to guess.
    /// An id has 1 to 128 characters out of letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>~</c>. One that has others, one that an open session has, and an exception refuse the client with code 3,
    /// which <see cref="EngineIOEndpoint.OnConnectionError"/> reports as <c>ID_GENERATION_ERROR</c>.
    /// </summary>
    public Func<HttpContext, ValueTask<string>>? GenerateId { get; set; }

    /// <summary>A message that every client gets right behind the handshake, on polling in the same answer. Null, the default: none.</summary>
    public EngineMessage? InitialPacket { get; set; }

    /// <summary>
    /// How the answers to polls are compressed, for clients whose <c>Accept-Encoding</c> allows gzip or deflate. Default: from 1024 bytes on; null: not at all. What was sent with <c>compress: false</c> asks for no compression.
    /// </summary>
    /// <remarks>
    /// Compression tells the length of what is compressed. Who can make a victim's browser send requests, and can see how long the answers are, can guess a secret that stands in one message with text of his choice (BREACH).
    /// So don't send such secrets together with what others wrote, or send them with <c>compress: false</c> in an answer of their own, or set this to null.
    /// </remarks>
    public HttpCompressionOptions? HttpCompression { get; set; } = new();

    /// <summary>
    /// Compression of WebSocket messages (permessage-deflate), for clients that offer it. Null, the default: off, because it costs each connection memory and each message time. The remark of <see cref="HttpCompression"/> holds here as well.
    /// What arrives compressed is bounded by <see cref="MaxHttpBufferSize"/> as it is inflated.
    /// </summary>
    public PerMessageDeflateOptions? PerMessageDeflate { get; set; }

    private IEnumerable<string> HandshakeFaults()
    {
        if (InitialPacket is { IsBinary: false } text && !Utf8.IsValid(text.Data.Span))
        {
            yield return $"{nameof(InitialPacket)} is text, but its bytes are not UTF-8.";
        }

        foreach (var fault in (string[])[.. HttpCompression?.Faults() ?? [], .. PerMessageDeflate?.Faults() ?? []])
        {
            yield return fault;
        }
    }
}
