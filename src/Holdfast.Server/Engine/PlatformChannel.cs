using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace Holdfast.Engine;

/// <summary>
/// Messages by System.Net.WebSockets, and the one class that knows it. An idle connection holds no buffer: it waits with an empty one, and rents when a frame has begun.
/// </summary>
internal sealed class PlatformChannel(System.Net.WebSockets.WebSocket socket, int maxMessage) : WebSocketChannel
{
    private const int FirstBuffer = 4 * 1024;

    private byte[]? _message;
    private bool _isBinary;

    public override bool HasClosed => socket.State is WebSocketState.CloseSent or WebSocketState.Aborted;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> WaitAsync()
    {
        var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (received.EndOfMessage && received.MessageType != WebSocketMessageType.Close)
        {
            Hold([], received.MessageType);
            return default;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            for (var pieces = 1; received.MessageType != WebSocketMessageType.Close; pieces++)
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += received.Count;
                if (length > maxMessage)
                {
                    throw TooLarge();
                }

                if (received.EndOfMessage && received.MessageType != WebSocketMessageType.Close)
                {
                    Hold(buffer.AsSpan(0, length).ToArray(), received.MessageType);
                    return default;
                }

                if (IsInTooManyPieces(pieces, length))
                {
                    throw TooManyPieces();
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            return default;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override bool Begin(ReadResult arrived) => _message is not null;

    public override bool TryRead(out byte[] message, out bool isBinary)
    {
        message = _message!;
        isBinary = _isBinary;
        _message = null;
        return message is not null;
    }

    public override async ValueTask SkipToCloseAsync()
    {
        var rest = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            while ((await socket.ReceiveAsync(rest.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rest);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> message, bool isBinary, bool compress) => socket.SendAsync(
        message,
        isBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text,
        compress ? WebSocketMessageFlags.EndOfMessage : WebSocketMessageFlags.EndOfMessage | WebSocketMessageFlags.DisableCompression,
        CancellationToken.None);

    public override ValueTask FlushAsync() => default;

    public override ValueTask CloseOutputAsync(WebSocketCloseStatus status) => new(socket.CloseOutputAsync(status, null, CancellationToken.None));

    public override void Abort() => socket.Abort();

    public override void Dispose() => socket.Dispose();

    private void Hold(byte[] message, WebSocketMessageType type)
    {
        _message = message;
        _isBinary = type == WebSocketMessageType.Binary;
    }
}
