using System.Net.Sockets;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>A TCP connection that writes what no decent client writes.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly Uri _address;

    private RawConnection(TcpClient tcp, Uri address)
    {
        _tcp = tcp;
        _address = address;
        _stream = tcp.GetStream();
    }

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(address.Host, address.Port).Within();
        return new RawConnection(tcp, address);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().Within();

    public Task SendRequestAsync(string method, string query, string headers = "", string body = "") =>
        SendAsync($"{method} {_address.AbsolutePath}{query} HTTP/1.1\r\nHost: {_address.Authority}\r\n{headers}\r\n{body}");

    /// <summary>The head of a response, status line and headers.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one).AsTask().Within() == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async Task<string> ReadTextAsync(int length)
    {
        var text = new byte[length];
        await _stream.ReadExactlyAsync(text).AsTask().Within();
        return Encoding.Latin1.GetString(text);
    }

    /// <summary>Everything until the server ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new MemoryStream();
        await _stream.CopyToAsync(all).Within();
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public async Task<string> UpgradeAsync(string query, string headers = "")
    {
        await SendRequestAsync(
            "GET",
            query,
            $"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{headers}");
        return await ReadHeadAsync();
    }

    /// <summary>One masked frame; the mask is zero, so that the payload stays readable.</summary>
    public Task SendFrameAsync(int opcode, string payload, bool fin = true) => SendAsync(Frame(opcode, Encoding.UTF8.GetBytes(payload), fin));

    public static byte[] Frame(int opcode, byte[] payload, bool fin)
    {
        var frame = new List<byte> { (byte)(opcode | (fin ? 0x80 : 0)) };
        if (payload.Length < 126)
        {
            frame.Add((byte)(0x80 | payload.Length));
        }
        else
        {
            frame.AddRange([0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        }

        frame.AddRange([0, 0, 0, 0]);
        frame.AddRange(payload);
        return [.. frame];
    }

    /// <summary>One short frame from the server as <c>opcode:payload</c>, a close as <c>8:CODE</c>, the end of the connection as <c>end</c>.</summary>
    public async Task<string> ReadFrameAsync()
    {
        try
        {
            var head = new byte[2];
            await _stream.ReadExactlyAsync(head).AsTask().Within();
            var length = head[1] & 0x7f;
            if (length == 126)
            {
                var more = new byte[2];
                await _stream.ReadExactlyAsync(more).AsTask().Within();
                length = (more[0] << 8) | more[1];
            }

            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload).AsTask().Within();
            var opcode = head[0] & 0xf;
            return opcode == 8 && length >= 2 ? $"8:{(payload[0] << 8) | payload[1]}" : $"{opcode}:{Encoding.UTF8.GetString(payload)}";
        }
        catch (Exception exception) when (exception is IOException or EndOfStreamException)
        {
            return "end";
        }
    }

    /// <summary>One frame from the server as it is: the byte with its flags, and the payload.</summary>
    public async Task<(int First, byte[] Payload)> ReadBytesAsync()
    {
        var head = new byte[2];
        await _stream.ReadExactlyAsync(head).AsTask().Within();
        var length = (int)head[1];
        if (length >= 126)
        {
            var more = new byte[length == 126 ? 2 : 8];
            await _stream.ReadExactlyAsync(more).AsTask().Within();
            length = more.Aggregate(0, (value, next) => (value << 8) | next);
        }

        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload).AsTask().Within();
        return (head[0], payload);
    }

    /// <summary>Nothing more is sent, and what comes can still be read.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    public void Dispose() => _tcp.Dispose();
}
