using System.Net.WebSockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Engine.IO 3 on a WebSocket, directly and after the upgrade.</summary>
public class Eio3WebSocketTests
{
    [Fact]
    public async Task Text_frames_are_packets_and_binary_frames_begin_with_the_type()
    {
        await using var host = await Eio3Client.StartAsync();
        var (socket, _) = await host.OpenWebSocketThreeAsync();

        await socket.SendTextAsync("4hello €😀");
        Assert.Equal("4hello €😀", await socket.ReadTextAsync());
        await socket.SendBytesAsync("04010203");
        Assert.Equal("b:04010203", await socket.ReadTextAsync());
        await socket.SendBytesAsync("04");
        Assert.Equal("b:04", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task A_client_that_reads_no_bytes_gets_base64_in_text_frames()
    {
        await using var host = await Eio3Client.StartAsync();
        var (socket, _) = await host.OpenWebSocketThreeAsync("&b64=1");

        await socket.SendTextAsync("b4AQIDBA==");

        Assert.Equal("b4AQIDBA==", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task So_does_one_of_the_fourth_revision_without_the_type()
    {
        await using var host = await EngineHost.StartAsync();
        using var socket = await host.ConnectAsync(EngineHost.WebSocketQuery + "&b64=1");
        await socket.ReadTextAsync();

        await socket.SendTextAsync("bAQIDBA==");

        Assert.Equal("bAQIDBA==", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("3461")]
    [InlineData("010203")]
    public async Task A_binary_frame_that_is_no_message_ends_the_session(string hex)
    {
        await using var host = await Eio3Client.StartAsync();
        var (socket, session) = await host.OpenWebSocketThreeAsync();

        await socket.SendBytesAsync(hex);

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
        Assert.Equal("close 1000", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("b4!!!")]
    [InlineData("b")]
    [InlineData("bAQID")]
    public async Task A_text_frame_that_is_no_packet_ends_the_session(string frame)
    {
        await using var host = await Eio3Client.StartAsync();
        var (socket, session) = await host.OpenWebSocketThreeAsync();

        await socket.SendTextAsync(frame);

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_over_the_limit_is_refused()
    {
        await using var host = await Eio3Client.StartAsync(options => options.MaxHttpBufferSize = 100);
        var (socket, session) = await host.OpenWebSocketThreeAsync();

        await socket.SendBytesAsync("04" + new string('0', 200));

        Assert.Equal("close 1009", await socket.ReadTextAsync());
        Assert.Equal("transport error: message too large", await session.Closed);
    }

    [Fact]
    public async Task The_upgrade_ends_the_waiting_poll_with_a_noop_and_the_session_goes_on_over_WebSocket()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        var poll = await host.ParkPollThreeAsync(id, session);
        using var socket = await host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={id}");
        await socket.SendTextAsync("2probe");
        Assert.Equal("3probe", await socket.ReadTextAsync());
        Assert.Equal((200, "1:6"), await poll);

        await host.PostThreeAsync(id, "2:4a");
        await socket.SendTextAsync("5");
        await socket.SendBytesAsync("0407");

        Assert.Equal("4a", await socket.ReadTextAsync());
        Assert.Equal("b:0407", await socket.ReadTextAsync());
        Assert.True(session.Session.IsUpgraded);
        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollThreeAsync(id));
        await socket.SendTextAsync("2");
        Assert.Equal("3", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData("2")]
    [InlineData("4hello")]
    [InlineData("2prob")]
    public async Task A_wrong_word_on_the_probe_ends_the_probe_and_not_the_session(string word)
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        using var socket = await host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={id}");

        await socket.SendTextAsync(word);

        Assert.Equal("close 1000", await socket.ReadTextAsync());
        await host.PostThreeAsync(id, "2:4a");
        Assert.Equal((200, "2:4a"), await host.PollThreeAsync(id));
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task A_second_WebSocket_for_one_session_is_refused()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, _) = await host.OpenThreeAsync();
        using var socket = await host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={id}");

        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={id}"));
    }

    [Fact]
    public async Task The_client_closes_with_a_packet_or_with_the_WebSocket()
    {
        await using var host = await Eio3Client.StartAsync();
        var (saying, first) = await host.OpenWebSocketThreeAsync();
        await saying.SendTextAsync("1");
        Assert.Equal("transport close: closed by the client", await first.Closed);
        Assert.Equal("close 1000", await saying.ReadTextAsync());

        var (closing, second) = await host.OpenWebSocketThreeAsync();
        await closing.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Within();
        Assert.Equal("transport close: closed by the client", await second.Closed);
    }

    [Fact]
    public async Task The_server_closes_after_what_it_said()
    {
        await using var host = await Eio3Client.StartAsync();
        var (socket, session) = await host.OpenWebSocketThreeAsync();
        session.Session.TrySend(Packets.Binary(7));

        session.Session.Close();

        Assert.Equal("b:0407", await socket.ReadTextAsync());
        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.Equal("forced close", await session.Closed);
    }
}
