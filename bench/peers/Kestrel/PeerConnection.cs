using System.Net.WebSockets;

namespace Holdfast.Peers;

/// <summary>
/// One client: a read loop, and a queue of messages with at most one writer. Whoever finds the queue without a writer writes until it is empty; a send that can't complete at once goes on by
/// itself, so nobody waits for a slow reader.
/// </summary>
internal sealed class PeerConnection(PeerServer server, WebSocket socket)
{
    private const int MaxMessageBytes = 1_000_000;
    private const int MaxQueuedBytes = 4 * 1024 * 1024;

    private readonly Queue<byte[]> _queue = new();
    private readonly List<Group<PeerConnection>> _joined = [];
    private int _queuedBytes;
    private bool _isWriting;
    private bool _isGone;

    public async Task RunAsync(CancellationToken aborted)
    {
        var open = new byte[ServerMessage.Reserve];
        Send(open[..ServerMessage.WriteOpen(open)]);
        try
        {
            await ReadAsync(aborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // the connection is lost
        }
        finally
        {
            foreach (var group in _joined)
                group.Remove(this);
        }
    }

    private async Task ReadAsync(CancellationToken aborted)
    {
        var buffer = new byte[2048];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), aborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, aborted);
                return;
            }

            length += received.Count;
            if (received.EndOfMessage)
            {
                if (!Handle(buffer.AsSpan(0, length)))
                    return;
                length = 0;
            }
            else if (length == buffer.Length)
            {
                if (length >= MaxMessageBytes)
                    return;
                Array.Resize(ref buffer, length * 2);
            }
        }
    }

    private bool Handle(ReadOnlySpan<byte> bytes)
    {
        var message = ClientMessage.Read(bytes);
        Span<byte> answer = bytes.Length < 1024 ? stackalloc byte[1024 + ServerMessage.Reserve] : new byte[bytes.Length + ServerMessage.Reserve];
        switch (message.Kind)
        {
            case ClientMessageKind.Echo:
                Send(answer[..ServerMessage.WriteEcho(answer, message)].ToArray());
                break;
            case ClientMessageKind.Broadcast:
                SendTo(server.Everyone, answer[..ServerMessage.WriteBroadcast(answer, message)].ToArray());
                break;
            case ClientMessageKind.Room when server.Rooms.Find(message.Room) is { } room:
                SendTo(room, answer[..ServerMessage.WriteRoom(answer, message)].ToArray());
                break;
            case ClientMessageKind.Join:
                Join(server.Rooms.FindOrAdd(message.Room));
                if (!message.AckId.IsEmpty)
                    Send(answer[..ServerMessage.WriteAck(answer, message.AckId, [])].ToArray());
                break;
            case ClientMessageKind.Connect:
                Join(server.Everyone);
                Send(answer[..ServerMessage.WriteConnect(answer)].ToArray());
                break;
            case ClientMessageKind.Ping:
                Send([(byte)'3', .. bytes[1..]]);
                break;
            case ClientMessageKind.Disconnect:
                return false;
        }

        return true;
    }

    private void Join(Group<PeerConnection> group)
    {
        group.Add(this);
        _joined.Add(group);
    }

    private static void SendTo(Group<PeerConnection> group, byte[] message)
    {
        foreach (var member in group.Members)
            member.Send(message);
    }

    private void Send(byte[] message)
    {
        lock (_queue)
        {
            if (_isGone)
                return;
            _queue.Enqueue(message);
            _queuedBytes += message.Length;
            if (_queuedBytes > MaxQueuedBytes)
                Abort();
            if (_isWriting)
                return;
            _isWriting = true;
        }

        _ = WriteAsync();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (TryTake() is { } message)
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            lock (_queue)
                Abort();
        }
    }

    private byte[]? TryTake()
    {
        lock (_queue)
        {
            if (_queue.TryDequeue(out var message))
                _queuedBytes -= message.Length;
            else
                _isWriting = false;
            return message;
        }
    }

    private void Abort()
    {
        _isGone = true;
        _queue.Clear();
        socket.Abort();
    }
}
