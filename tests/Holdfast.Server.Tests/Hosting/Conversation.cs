using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>The shortest whole conversation with a server that answers the event <c>echo</c>: handshake, CONNECT, a question and its answer, over either transport.</summary>
internal static class Conversation
{
    public static void Serve(SocketIOServer io) => io.OnConnection(socket => socket.On("echo", (string text) => text));

    /// <param name="http">Where relative addresses lead to the application.</param>
    /// <param name="path">The server's path.</param>
    public static async Task OverPollingAsync(HttpClient http, string path)
    {
        var address = path + "?EIO=4&transport=polling";
        var open = await http.GetStringAsync(address).Within();
        address += "&sid=" + JsonDocument.Parse(open[1..]).RootElement.GetProperty("sid").GetString();
        await PostAsync("40");
        Assert.StartsWith("40{\"sid\":\"", await http.GetStringAsync(address).Within(), StringComparison.Ordinal);
        await PostAsync("420[\"echo\",\"over polling\"]");
        Assert.Equal("430[\"over polling\"]", await http.GetStringAsync(address).Within());
        await PostAsync("1");

        async Task PostAsync(string packet)
        {
            using var answer = await http.PostAsync(address, new StringContent(packet)).Within();
            Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
        }
    }

    public static async Task OverWebSocketAsync(WebSocket socket)
    {
        Assert.StartsWith("0{\"sid\":\"", await ReadAsync(socket), StringComparison.Ordinal);
        await SendAsync(socket, "40");
        Assert.StartsWith("40{\"sid\":\"", await ReadAsync(socket), StringComparison.Ordinal);
        await SendAsync(socket, "420[\"echo\",\"over WebSocket\"]");
        Assert.Equal("430[\"over WebSocket\"]", await ReadAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).Within();
    }

    /// <param name="http">Where relative addresses lead to the application.</param>
    /// <param name="path">The server's path.</param>
    public static async Task OverWebSocketAsync(HttpClient http, string path)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(WebSocketAddress(http.BaseAddress!, path), default).Within();
        await OverWebSocketAsync(socket);
    }

    public static async Task OverBothAsync(HttpClient http, string path)
    {
        await OverPollingAsync(http, path);
        await OverWebSocketAsync(http, path);
    }

    public static Uri WebSocketAddress(Uri server, string path) =>
        new(new UriBuilder(server) { Scheme = server.Scheme.Replace("http", "ws", StringComparison.Ordinal) }.Uri, path + "?EIO=4&transport=websocket");

    private static Task SendAsync(WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default).Within();

    private static async Task<string> ReadAsync(WebSocket socket)
    {
        var buffer = new byte[1024];
        var read = await socket.ReceiveAsync(buffer.AsMemory(), default).Within();
        Assert.True(read.EndOfMessage && read.MessageType == WebSocketMessageType.Text);
        return Encoding.UTF8.GetString(buffer, 0, read.Count);
    }
}
