using System.Text;
using Holdfast.Engine;

namespace Holdfast;

/// <summary>
/// One client of a bare Engine.IO endpoint: messages without events, namespaces or rooms. Sending is safe from any thread; the callbacks of one socket run one at
/// a time, in the order of arrival.
/// </summary>
public sealed class EngineSocket
{
    private const byte Message = (byte)'4';

    private readonly EngineSession _session;

    internal EngineSocket(EngineSession session) => _session = session;

    internal Func<EngineMessage, ValueTask>? MessageCallback { get; private set; }

    internal Action<CloseReason, string?>? CloseCallback { get; private set; }

    /// <summary>The session's id. On polling, whoever knows it can speak for the client: don't show it to others.</summary>
    public string Id => _session.Id;

    /// <summary>What the client said when it came.</summary>
    public Handshake Handshake => _session.Handshake;

    /// <summary>The transport that carries the session now: <c>polling</c> or <c>websocket</c>.</summary>
    public string TransportName => _session.TransportName;

    /// <summary>Whether the session is open; false when it is closing or closed.</summary>
    public bool IsOpen => _session.State is SessionState.Opening or SessionState.Open;

    /// <summary>Sets what is called with each message. Set it in the connection callback, before any message is read; setting it again replaces it.</summary>
    public void OnMessage(Action<EngineMessage> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        MessageCallback = message =>
        {
            callback(message);
            return ValueTask.CompletedTask;
        };
    }

    /// <summary>
    /// As <see cref="OnMessage(Action{EngineMessage})"/>, asynchronously: nothing more is read from this client until the task is finished. An exception closes the
    /// session and is logged as the application's error.
    /// </summary>
    public void OnMessage(Func<EngineMessage, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        MessageCallback = message => new ValueTask(callback(message));
    }

    /// <summary>Sets what is called once when the session has closed, with the reason and, for logs, a detail.</summary>
    public void OnClose(Action<CloseReason, string?> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CloseCallback = callback;
    }

    /// <summary>
    /// Sends a text message; completes when the session has taken it, which is at once unless <see cref="EngineIOOptions.OutboxLimit"/> bytes are waiting. After the
    /// session has closed the message is dropped.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var packet = new byte[1 + Encoding.UTF8.GetByteCount(text)];
        packet[0] = Message;
        Encoding.UTF8.GetBytes(text, packet.AsSpan(1));
        return _session.SendAsync(new EncodedPacket(packet), cancellationToken);
    }

    /// <summary>As <see cref="SendAsync(string, CancellationToken)"/>, a binary message. The memory must not change until it has been sent.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        _session.SendAsync(new EncodedPacket(default, [data]), cancellationToken);

    /// <summary>Sends the message back as it came, as text or binary.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while the message waited; it was not sent.</exception>
    public Task SendAsync(EngineMessage message, CancellationToken cancellationToken = default)
    {
        if (message.IsBinary)
        {
            return SendAsync(message.Data, cancellationToken);
        }

        var packet = new byte[1 + message.Data.Length];
        packet[0] = Message;
        message.Data.Span.CopyTo(packet.AsSpan(1));
        return _session.SendAsync(new EncodedPacket(packet), cancellationToken);
    }

    /// <summary>Closes the session after what is queued has been sent.</summary>
    public void Close() => _session.Close();
}
