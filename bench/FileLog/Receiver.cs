using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Holdfast.FileLogBench;

/// <summary>A client at the level of the wire, which says how old each event is when it has it: all processes of a machine have one clock.</summary>
internal sealed class Receiver : IDisposable
{
    private const string Event = "42[\"time\",";

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Lock _gate = new();
    private List<double> _own = [];
    private List<double> _ofOthers = [];

    /// <summary>Of this process, in microseconds.</summary>
    public List<double> Own
    {
        get
        {
            lock (_gate)
                return _own;
        }
    }

    public List<double> OfOthers
    {
        get
        {
            lock (_gate)
                return _ofOthers;
        }
    }

    /// <summary>A client that is in a room.</summary>
    public static async Task<Receiver> OpenAsync(Uri address, string room)
    {
        var receiver = new Receiver();
        await receiver.ConnectAsync(address, $"40{JsonSerializer.Serialize(new { room })}");
        await receiver.ReadAsync(); // "joined"
        _ = receiver.ListenAsync();
        return receiver;
    }

    /// <summary>From the CONNECT to its answer; then the client says goodbye.</summary>
    public static async Task<TimeSpan> TimeConnectAsync(Uri address)
    {
        using var receiver = new Receiver();
        var took = await receiver.ConnectAsync(address, "40");
        await receiver.SendAsync("41");
        await receiver._socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return took;
    }

    /// <summary>What was heard before does not count.</summary>
    public void Begin()
    {
        lock (_gate)
            (_own, _ofOthers) = ([], []);
    }

    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
    }

    private async Task<TimeSpan> ConnectAsync(Uri address, string connect)
    {
        await _socket.ConnectAsync(address, CancellationToken.None);
        await ReadAsync();
        var since = Stopwatch.GetTimestamp();
        await SendAsync(connect);
        var answer = await ReadAsync();
        var took = Stopwatch.GetElapsedTime(since);
        return answer.StartsWith("40{", StringComparison.Ordinal) ? took : throw new InvalidDataException($"not the answer to a CONNECT: {answer}");
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var packet = await ReadAsync();
                var now = Stopwatch.GetTimestamp();
                if (!packet.StartsWith(Event, StringComparison.Ordinal))
                    continue;
                var numbers = packet[Event.Length..].Split(',', 3);
                var age = Stopwatch.GetElapsedTime(long.Parse(numbers[0], CultureInfo.InvariantCulture), now).TotalMicroseconds;
                lock (_gate)
                    (int.Parse(numbers[1], CultureInfo.InvariantCulture) == Environment.ProcessId ? _own : _ofOthers).Add(age);
            }
        }
        catch (Exception end) when (end is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The process ends, or this was to be one that is away.
        }
    }

    private Task SendAsync(string packet) => _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, CancellationToken.None);

    private async Task<string> ReadAsync()
    {
        var end = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(end), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("the server has closed the connection");
            end += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(_buffer, 0, end);
        }
    }
}
