using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Holdfast.Engine;

/// <summary>
/// A WebSocket as whole messages, which is all that <see cref="WebSocketTransport"/> knows of it. One reader and one writer at a time; the two don't wait for each other.
/// <see cref="FrameChannel"/> speaks RFC 6455 on a connection of Kestrel, <see cref="PlatformChannel"/> goes through System.Net.WebSockets: for other servers, HTTP/2, compression,
/// and implementations that the application brings.
/// </summary>
internal abstract class WebSocketChannel : IDisposable
{
    /// <summary>
    /// A message may come in this many pieces, and one more for each 64 bytes of it. Networks cut into hundreds of bytes; pieces of one byte, or of none, are
    /// made to cost us more than they cost the sender.
    /// </summary>
    protected static bool IsInTooManyPieces(int pieces, int length) => pieces > 1024 + (length / 64);

    protected static WebSocketFault TooLarge() => new(WebSocketCloseStatus.MessageTooBig, "message too large");

    protected static WebSocketFault TooManyPieces() => new(WebSocketCloseStatus.PolicyViolation, "message in too many fragments");

    /// <summary>Waits for more from the client, which <see cref="Begin"/> takes: two steps, because a waiting method of its own would be the largest part of an idle connection's channel.</summary>
    /// <exception cref="WebSocketFault">What came is to be answered with a close frame.</exception>
    public abstract ValueTask<ReadResult> WaitAsync();

    /// <summary>From here on <see cref="TryRead"/> may have something. False: the client has closed.</summary>
    public abstract bool Begin(ReadResult arrived);

    /// <summary>The next message of what has arrived, in an array of its own.</summary>
    /// <exception cref="WebSocketFault">What came is to be answered with a close frame.</exception>
    public abstract bool TryRead(out byte[] message, out bool isBinary);

    /// <summary>Reads past everything until the client closes as well. Not for long: each way here has started a deadline.</summary>
    public abstract ValueTask SkipToCloseAsync();

    /// <summary>Whether the client waits for an answer of the channel itself, which the next <see cref="FlushAsync"/> sends.</summary>
    public virtual bool HasAnswer => false;

    /// <summary>Whether the channel has said farewell by itself, so that no close frame may follow.</summary>
    public virtual bool HasClosed => false;

    /// <summary>Adds a message to what the next <see cref="FlushAsync"/> sends. It may be sent at once.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> message, bool isBinary, bool compress);

    /// <summary>Hands what was written to the network, and waits while that takes no more.</summary>
    public abstract ValueTask FlushAsync();

    /// <summary>Sends the close frame; nothing may be written after it.</summary>
    public abstract ValueTask CloseOutputAsync(WebSocketCloseStatus status);

    /// <summary>Cuts the connection: whatever is pending fails. From any thread.</summary>
    public abstract void Abort();

    /// <summary>When reader and writer have ended.</summary>
    public abstract void Dispose();
}

/// <summary>The client broke the rules of WebSockets, or ours of what a message may be.</summary>
internal sealed class WebSocketFault(WebSocketCloseStatus status, string message) : Exception(message)
{
    public WebSocketCloseStatus Status { get; } = status;
}
