using System.Text;
using Holdfast.Engine;
using Holdfast.Sockets;

namespace Holdfast;

/// <summary>
/// One client's connection: messages without events, namespaces or rooms. On a bare Engine.IO endpoint it is all there is; on a Socket.IO server it is what carries the sockets of one client, which share it
/// (<see cref="ServerSocket.Connection"/>), and what it sends reaches the client beside their packets. Thread safe.
/// </summary>
public sealed partial class EngineSocket
{
    private const byte Message = (byte)'4';

    private readonly EngineSession _session;

    internal EngineSocket(EngineSession session) => _session = session;

    /// <summary>The session's id. On polling, whoever knows it can speak for the client: don't show it to others.</summary>
    public string Id => _session.Id;

    /// <summary>The revision of the Engine.IO protocol that the client speaks.</summary>
    public int Protocol => _session.Protocol;

    /// <summary>What the client said when it came.</summary>
    public Handshake Handshake => _session.Handshake;

    /// <summary>The transport that carries the session now: <c>polling</c> or <c>websocket</c>.</summary>
    public string TransportName => _session.TransportName;

    /// <summary>Whether the session has moved from polling to WebSocket.</summary>
    public bool IsUpgraded => _session.IsUpgraded;

    /// <summary>Where the connection is in its life.</summary>
    public EngineSocketState State => (EngineSocketState)_session.State;

    /// <summary>Whether the session is open; false when it is closing or closed.</summary>
    public bool IsOpen => _session.State is SessionState.Opening or SessionState.Open;

    /// <summary>Whether a message that is sent at this moment would leave at once: nothing is queued, and the WebSocket is idle or a poll is waiting.</summary>
    public bool IsWritable => _session.IsWritable;

    /// <summary>How many bytes are queued or being written. When the session has closed: how many of them never left.</summary>
    public int UnsentBytes => _session.UnsentBytes;

    /// <summary>
    /// Sends a text message; completes when the session has taken it, which is at once unless <see cref="EngineIOOptions.OutboxLimit"/> bytes are waiting. After the
    /// session has closed the message is dropped.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(text, compress: true, cancellationToken);

    /// <param name="text">The message.</param>
    /// <param name="compress">False: this message is no reason to compress anything. True matters only where <see cref="EngineIOOptions.HttpCompression"/> or <see cref="EngineIOOptions.PerMessageDeflate"/> is on.</param>
    /// <param name="cancellationToken">Ends the waiting for room.</param>
    /// <inheritdoc cref="SendAsync(string, CancellationToken)"/>
    public Task SendAsync(string text, bool compress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var packet = new byte[1 + Encoding.UTF8.GetByteCount(text)];
        packet[0] = Message;
        Encoding.UTF8.GetBytes(text, packet.AsSpan(1));
        return _session.SendAsync(new EncodedPacket(packet) { Compress = compress }, cancellationToken);
    }

    /// <summary>As <see cref="SendAsync(string, CancellationToken)"/>, a binary message. The memory must not change until it has been sent.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => SendAsync(data, compress: true, cancellationToken);

    /// <summary>As <see cref="SendAsync(string, bool, CancellationToken)"/>, a binary message. The memory must not change until it has been sent.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> data, bool compress, CancellationToken cancellationToken = default) =>
        _session.SendAsync(new EncodedPacket(default, [data]) { Compress = compress }, cancellationToken);

    /// <summary>Sends the message back as it came, as text or binary.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(EngineMessage message, CancellationToken cancellationToken = default) => _session.SendAsync(message.Encode(), cancellationToken);

    /// <summary>
    /// Completes when everything that was sent before has left for the client: it was written to the WebSocket, or to the answer of a poll. What the client has read it alone knows. Several that wait complete in their order.
    /// </summary>
    /// <exception cref="SocketDisconnectedException">The session closed first, so that some of it was dropped.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!await _session.WaitForFlushAsync(cancellationToken))
        {
            throw new SocketDisconnectedException(_session.CloseReason.ToDisconnectReason());
        }
    }

    /// <summary>Closes the session with the reason <c>forced close</c>.</summary>
    /// <param name="discard">False: after what is queued has been sent, for which the client has 30 seconds. True: now, and what is queued is dropped.</param>
    public void Close(bool discard = false)
    {
        if (discard)
        {
            _session.Discard(CloseReason.ForcedClose, null, peerLives: true);
        }
        else
        {
            _session.Close();
        }
    }
}
