using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>The requests of a client of Engine.IO 3.</summary>
internal static class Eio3Client
{
    public const string Polling = "?EIO=3&transport=polling";
    public const string WebSocketQuery = "?EIO=3&transport=websocket";

    public static Task<EngineHost> StartAsync(Action<EngineIOOptions>? configure = null, TimeProvider? time = null, Action<TestSession>? connected = null) =>
        EngineHost.StartAsync(
            options =>
            {
                options.AllowEIO3 = true;
                configure?.Invoke(options);
            },
            time,
            connected);

    /// <summary>The id in an open packet, wherever in a body it stands.</summary>
    public static string SessionIdOf(string body) =>
        JsonDocument.Parse(body[body.IndexOf('{', StringComparison.Ordinal)..(body.IndexOf('}', StringComparison.Ordinal) + 1)]).RootElement.GetProperty("sid").GetString()!;

    extension(EngineHost host)
    {
        public async Task<(string Id, TestSession Session)> OpenThreeAsync(string more = "")
        {
            await host.GetAsync(Polling + more);
            var session = await host.NextSessionAsync();
            return (session.Session.Id, session);
        }

        public Task<(int Status, string Body)> PollThreeAsync(string id) => host.GetAsync($"{Polling}&sid={id}");

        /// <summary>A poll's content type and its body in hexadecimal.</summary>
        public async Task<(string Type, string Bytes)> PollBytesAsync(string id)
        {
            using var response = await host.Http.GetAsync(new Uri(host.Address, $"{Polling}&sid={id}")).Within();
            return (response.Content.Headers.ContentType!.ToString(), Convert.ToHexStringLower(await response.Content.ReadAsByteArrayAsync()));
        }

        public async Task<Task<(int Status, string Body)>> ParkPollThreeAsync(string id, TestSession session)
        {
            var poll = host.PollThreeAsync(id);
            await Waiting.Until(() => session.Session.Transport.IsWritable || poll.IsCompleted);
            return poll;
        }

        public Task<(int Status, string Body)> PostThreeAsync(string id, string body) => host.PostThreeAsync(id, new StringContent(body));

        public async Task<(int Status, string Body)> PostThreeAsync(string id, HttpContent body)
        {
            using var response = await host.Http.PostAsync(new Uri(host.Address, $"{Polling}&sid={id}"), body).Within();
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        public Task<(int Status, string Body)> PostBytesAsync(string id, string hex)
        {
            var content = new ByteArrayContent(Convert.FromHexString(hex));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            return host.PostThreeAsync(id, content);
        }

        public async Task<(ClientWebSocket Socket, TestSession Session)> OpenWebSocketThreeAsync(string more = "")
        {
            var socket = await host.ConnectAsync(WebSocketQuery + more);
            Assert.StartsWith("0{", await socket.ReadTextAsync(), StringComparison.Ordinal);
            return (socket, await host.NextSessionAsync());
        }
    }

    public static Task SendBytesAsync(this WebSocket socket, string hex) =>
        socket.SendAsync(Convert.FromHexString(hex).AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None).Within();
}
