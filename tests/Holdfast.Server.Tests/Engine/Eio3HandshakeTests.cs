using System.Net.WebSockets;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Who may come, and what a client of Engine.IO 3 is told first.</summary>
public class Eio3HandshakeTests
{
    private const string BadRequest = """{"code":3,"message":"Bad request"}""";

    [Theory]
    [InlineData("?EIO=3&transport=polling")]
    [InlineData("?transport=polling")]
    [InlineData("?EIO=5&transport=polling")]
    public async Task Without_the_option_every_revision_but_the_fourth_is_refused(string query)
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Equal((400, """{"code":5,"message":"Unsupported protocol version"}"""), await host.GetAsync(query));
        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync(Eio3Client.WebSocketQuery));
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Theory]
    [InlineData("?EIO=3&transport=polling")]
    [InlineData("?transport=polling")]
    public async Task A_polling_handshake_answers_with_the_open_packet_behind_its_length(string query)
    {
        await using var host = await Eio3Client.StartAsync();

        using var response = await host.Http.GetAsync(new Uri(host.Address, query));
        var body = await response.Content.ReadAsStringAsync();

        var id = Eio3Client.SessionIdOf(body);
        Assert.Equal($$"""118:0{"sid":"{{id}}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}""", body);
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        Assert.Equal(3, (await host.NextSessionAsync()).Session.Protocol);
    }

    [Fact]
    public async Task A_direct_WebSocket_gets_the_open_packet_as_it_is()
    {
        await using var host = await Eio3Client.StartAsync();
        using var socket = await host.ConnectAsync(Eio3Client.WebSocketQuery);

        var open = await socket.ReadTextAsync();

        Assert.Equal($$"""0{"sid":"{{Eio3Client.SessionIdOf(open)}}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}""", open);
    }

    [Fact]
    public async Task Clients_of_both_revisions_live_side_by_side()
    {
        await using var host = await Eio3Client.StartAsync();
        var (three, _) = await host.OpenThreeAsync();
        var (four, _) = await host.OpenPollingAsync();

        await host.PostThreeAsync(three, "6:4three");
        await host.PostAsync(four, "4four");

        Assert.Equal((200, "6:4three"), await host.PollThreeAsync(three));
        Assert.Equal((200, "4four"), await host.PollAsync(four));
    }

    [Fact]
    public async Task A_session_keeps_its_revision()
    {
        await using var host = await Eio3Client.StartAsync();
        var (three, _) = await host.OpenThreeAsync();
        var (four, _) = await host.OpenPollingAsync();

        Assert.Equal((400, BadRequest), await host.PollAsync(three));
        Assert.Equal((400, BadRequest), await host.PostAsync(three, "4a"));
        Assert.Equal((400, BadRequest), await host.PollThreeAsync(four));
        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={three}"));
        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={four}"));

        // Neither was harmed.
        await host.PostThreeAsync(three, "2:4a");
        Assert.Equal((200, "2:4a"), await host.PollThreeAsync(three));
        await host.PostAsync(four, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(four));
    }

    [Theory]
    [InlineData("?EIO=3", """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("?EIO=3&transport=abc", """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("?EIO=3&transport=polling&sid=abc", """{"code":1,"message":"Session ID unknown"}""")]
    [InlineData("?EIO=3&transport=websocket", BadRequest)]
    public async Task What_is_wrong_is_refused_as_in_the_fourth_revision(string query, string body)
    {
        await using var host = await Eio3Client.StartAsync();

        Assert.Equal((400, body), await host.GetAsync(query));
    }

    [Fact]
    public async Task A_handshake_is_a_GET()
    {
        await using var host = await Eio3Client.StartAsync();

        using var response = await host.Http.PostAsync(new Uri(host.Address, Eio3Client.Polling), new StringContent(""));

        Assert.Equal("""{"code":2,"message":"Bad handshake method"}""", await response.Content.ReadAsStringAsync());
    }
}
