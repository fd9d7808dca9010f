using System.Text.Json;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>A client on HTTP long-polling: nothing is read but by its polls, so what it has not fetched stays in the server's outbox.</summary>
internal sealed class PollingPeer
{
    private readonly HttpClient _http;
    private readonly string _address;

    private PollingPeer(HttpClient http, string address) => (_http, _address) = (http, address);

    public string Id { get; private set; } = "";

    public string? Pid { get; private set; }

    /// <summary>The id of its connection.</summary>
    public string EngineId => _address[(_address.LastIndexOf('=') + 1)..];

    /// <summary>A connection that has joined nothing yet.</summary>
    public static async Task<PollingPeer> OpenAsync(SocketHost host, HttpClient http)
    {
        var address = host.Address + "/socket.io/?EIO=4&transport=polling";
        var open = await http.GetStringAsync(address).Within();
        return new PollingPeer(http, address + "&sid=" + JsonDocument.Parse(open[1..]).RootElement.GetProperty("sid").GetString());
    }

    /// <summary>A connection that has read the answer to its CONNECT.</summary>
    public static async Task<PollingPeer> JoinAsync(SocketHost host, HttpClient http, string connect = "40")
    {
        var peer = await OpenAsync(host, http);
        await peer.PostAsync(connect);
        peer.TakeIds((await peer.PollAsync())[0]);
        return peer;
    }

    /// <summary>The packets of one poll.</summary>
    public async Task<string[]> PollAsync()
    {
        using var response = await _http.GetAsync(new Uri(_address)).Within();
        return response.IsSuccessStatusCode ? (await response.Content.ReadAsStringAsync()).Split('\x1e') : [$"{(int)response.StatusCode}"];
    }

    public async Task PostAsync(string packets)
    {
        using var response = await _http.PostAsync(new Uri(_address), new StringContent(packets)).Within();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
    }

    /// <summary>It says that it goes, and the server parks its session; what it has not fetched is dropped.</summary>
    public async Task CutAsync(SocketHost host)
    {
        await host.WhileTimePassesAsync(GoAsync()); // the server waits a little for a poll that may be on its way

        async Task<bool> GoAsync()
        {
            await PostAsync("1");
            await Waiting.Until(() => IsParked(host));
            return true;
        }
    }

    public bool IsParked(SocketHost host)
    {
        lock (host.Store.Log.Gate)
            return host.SessionOf(Pid!)!.Stage == SessionStage.Parked;
    }

    public void TakeIds(string connect)
    {
        Assert.StartsWith("40{\"sid\":\"", connect, StringComparison.Ordinal);
        var parts = connect.Split('"');
        (Id, Pid) = (parts[3], parts[7]);
    }
}
