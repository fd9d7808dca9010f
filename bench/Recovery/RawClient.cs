using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Holdfast.RecoveryBench;

/// <summary>One client at the level of the wire, which a library's own cost does not blur. It never answers pings: no connection here lasts that long.</summary>
internal sealed class RawClient(Uri address, string[] rooms) : IDisposable
{
    private static readonly byte[] s_received = new byte[1024 * 1024]; // for all: they come one after the other
    private ClientWebSocket _socket = new();
    private string? _offset;

    public string Id { get; private set; } = "";

    public string PrivateId { get; private set; } = "";

    /// <summary>The numbers of the events that the last resume brought.</summary>
    public List<int> Numbers { get; } = [];

    public async Task ConnectAsync()
    {
        await OpenAsync();
        await SendAsync($"40{JsonSerializer.Serialize(new { rooms })}");
        ReadAnswer(await ReceiveAsync());
        _offset = ReadEvent(await ReceiveAsync()).Offset;
    }

    /// <summary>Without a farewell, as a cut does it.</summary>
    public void Cut() => _socket.Abort();

    /// <summary>Comes back. Returns the time from the CONNECT sent to the last of the missed events read.</summary>
    public async Task<TimeSpan> ResumeAsync(int missed)
    {
        Numbers.Clear();
        await OpenAsync();
        var connect = $"40{JsonSerializer.Serialize(new { rooms, pid = PrivateId, offset = _offset })}";
        var ends = new int[missed + 1];

        var started = Stopwatch.GetTimestamp();
        await SendAsync(connect);
        for (var (i, end) = (0, 0); i < ends.Length; i++)
            ends[i] = end = await ReceiveAsync(end);
        var elapsed = Stopwatch.GetElapsedTime(started);

        ReadAnswer(Encoding.UTF8.GetString(s_received, 0, ends[0]));
        for (var i = 1; i < ends.Length; i++)
        {
            (var number, _offset) = ReadEvent(Encoding.UTF8.GetString(s_received, ends[i - 1], ends[i] - ends[i - 1]));
            Numbers.Add(number);
        }
        return elapsed;
    }

    public void Dispose() => _socket.Dispose();

    private async Task OpenAsync()
    {
        _socket.Dispose();
        _socket = new ClientWebSocket();
        await _socket.ConnectAsync(address, CancellationToken.None);
        await ReceiveAsync();
    }

    private Task SendAsync(string packet) => _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, CancellationToken.None);

    private async Task<string> ReceiveAsync() => Encoding.UTF8.GetString(s_received, 0, await ReceiveAsync(0));

    private async Task<int> ReceiveAsync(int at)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var part = await _socket.ReceiveAsync(s_received.AsMemory(at), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("the server has closed the connection");
            at += part.Count;
            if (part.EndOfMessage)
                return at;
        }
    }

    private void ReadAnswer(string packet)
    {
        if (!packet.StartsWith("40{", StringComparison.Ordinal))
            throw new InvalidDataException($"not the answer to a CONNECT: {packet}");
        using var answer = JsonDocument.Parse(packet.AsMemory(2));
        Id = answer.RootElement.GetProperty("sid").GetString()!;
        PrivateId = answer.RootElement.GetProperty("pid").GetString()!;
    }

    private static (int Number, string Offset) ReadEvent(string packet)
    {
        if (!packet.StartsWith("42[", StringComparison.Ordinal))
            throw new InvalidDataException($"not an event: {packet}");
        using var data = JsonDocument.Parse(packet.AsMemory(2));
        var arguments = data.RootElement;
        return (arguments.GetArrayLength() > 2 ? arguments[1].GetInt32() : -1, arguments[arguments.GetArrayLength() - 1].GetString()!);
    }
}
