using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>A client by hand: what goes over the wire, frame by frame.</summary>
internal sealed partial class Peer(ClientWebSocket socket) : IDisposable
{
    private byte[] _buffer = new byte[4096];

    public string Id { get; set; } = "";

    /// <summary>The private id that the server has given, with recovery.</summary>
    public string? Pid { get; set; }

    /// <summary>The position of the last event that was read with <see cref="ReadEventAsync"/>.</summary>
    public string? Offset { get; set; }

    /// <summary>The ack to an event, with its id.</summary>
    public static string Answer(string question, string value) => $"43{question[2..question.IndexOf('[', StringComparison.Ordinal)]}[{value}]";

    public Task SendAsync(string frame) => socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, default).Within();

    public Task SendBinaryAsync(byte[] frame) => socket.SendAsync(frame, WebSocketMessageType.Binary, true, default).Within();

    /// <summary>The next frame; <c>closed</c> at the end; a binary one in hexadecimal.</summary>
    public async Task<string> ReadAsync()
    {
        var length = 0;
        try
        {
            while (true)
            {
                if (length == _buffer.Length)
                    Array.Resize(ref _buffer, length * 2);
                var part = await socket.ReceiveAsync(_buffer.AsMemory(length), default).Within();
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                    return "closed";
                if (part.EndOfMessage)
                    return part.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(_buffer, 0, length) : Convert.ToHexString(_buffer, 0, length);
            }
        }
        catch (WebSocketException end) when (end.WebSocketErrorCode != WebSocketError.Faulted) // that is a frame that is none
        {
            return "closed";
        }
    }

    /// <summary>The next frame, which must be an event with a position: without it, and the position is remembered.</summary>
    public async Task<string> ReadEventAsync() => TakeEvent(await ReadAsync());

    /// <summary>The same. Null: the connection has ended.</summary>
    public async Task<string?> TryReadEventAsync() => await ReadAsync() is var frame and not "closed" ? TakeEvent(frame) : null;

    private string TakeEvent(string frame)
    {
        var match = Position().Match(frame);
        Assert.True(match.Success, $"an event with an offset was expected: {frame}");
        Offset = match.Groups[2].Value;
        return frame[..match.Index] + "]";
    }

    /// <summary>Answers the server's close, as a living client does.</summary>
    public Task AnswerCloseAsync() => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default).Within();

    /// <summary>Cuts the connection without a word.</summary>
    public void Dispose() => socket.Abort();

    [GeneratedRegex("""(,)"([A-Za-z0-9_-]{8}\.[0-9a-z]{10})"\]$""")]
    private static partial Regex Position();
}
