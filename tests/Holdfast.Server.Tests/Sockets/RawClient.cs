using Holdfast.Server.Tests.Recovery;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>A client by hand over either transport, for what must be the same on both. Binary values are shown in hexadecimal.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly Queue<string> _received = new();
    private Peer? _webSocket;
    private PollingPeer? _polling;
    private Task<string[]>? _poll;

    public static async Task<RawClient> ConnectAsync(SocketHost host, string transport, string connect = "40")
    {
        var client = new RawClient();
        if (transport == "websocket")
            client._webSocket = await host.OpenAsync();
        else
            client._polling = await PollingPeer.OpenAsync(host, client._http);
        await client.SendAsync(connect);
        var answer = await client.ReadAsync();
        Assert.Matches("^40(/[a-z]+,)?{\"sid\":\"[A-Za-z0-9_-]{20}\"}$", answer);
        client.Id = answer.Split('"')[3];
        return client;
    }

    public string Id { get; private set; } = "";

    public Task SendAsync(string packet) => _webSocket is null ? _polling!.PostAsync(packet) : _webSocket.SendAsync(packet);

    public Task SendBinaryAsync(byte[] bytes) =>
        _webSocket is null ? _polling!.PostAsync("b" + Convert.ToBase64String(bytes)) : _webSocket.SendBinaryAsync(bytes);

    /// <summary>Makes the server able to write at once: over polling a poll has to wait there.</summary>
    public void Listen() => _poll ??= _polling?.PollAsync();

    public async Task<string> ReadAsync()
    {
        if (_webSocket is not null)
            return await _webSocket.ReadAsync();
        while (_received.Count == 0)
        {
            Listen();
            foreach (var packet in await _poll!)
                _received.Enqueue(packet is ['b', ..] ? Convert.ToHexString(Convert.FromBase64String(packet[1..])) : packet);
            _poll = null;
        }
        return _received.Dequeue();
    }

    /// <summary>All that comes up to and without <paramref name="last"/>.</summary>
    public async Task<string[]> ReadUntilAsync(string last)
    {
        var all = new List<string>();
        while (await ReadAsync() is var packet && packet != last)
            all.Add(packet);
        return [.. all];
    }

    public void Dispose()
    {
        _webSocket?.Dispose();
        _http.Dispose();
    }
}
