namespace Holdfast.Server.Tests.Engine;

public class InitialPacketTests
{
    [Fact]
    public async Task On_polling_it_stands_in_the_same_body_as_the_handshake()
    {
        await using var host = await EngineHost.StartAsync(options => options.InitialPacket = new("welcome"u8.ToArray(), IsBinary: false));

        for (var client = 0; client < 2; client++)
        {
            var (_, body) = await host.GetAsync(EngineHost.PollingQuery);
            var packets = body.Split('\x1e');

            Assert.StartsWith("0{", packets[0], StringComparison.Ordinal);
            Assert.Equal(["4welcome"], packets[1..]);
        }
    }

    [Fact]
    public async Task On_WebSocket_it_is_the_second_frame_and_comes_before_what_the_application_sends()
    {
        await using var host = await EngineHost.StartAsync(
            options => options.InitialPacket = new("welcome"u8.ToArray(), IsBinary: false),
            connected: session => session.Session.TrySend(Packets.Text("hello")));

        var (socket, _) = await host.OpenWebSocketAsync();

        Assert.Equal("4welcome", await socket.ReadTextAsync());
        Assert.Equal("4hello", await socket.ReadTextAsync());
        socket.Dispose();
    }

    [Fact]
    public async Task It_may_be_binary_and_larger_than_the_outbox()
    {
        await using var host = await EngineHost.StartAsync(options =>
        {
            options.InitialPacket = new(new byte[] { 1, 2, 3 }, IsBinary: true);
            options.OutboxLimit = 1;
        });

        var (_, body) = await host.GetAsync(EngineHost.PollingQuery);
        var (socket, _) = await host.OpenWebSocketAsync();

        Assert.Equal("bAQID", body.Split('\x1e')[1]);
        Assert.Equal("b:010203", await socket.ReadTextAsync());
        socket.Dispose();
    }

    [Fact]
    public void Text_must_be_text()
    {
        var options = new EngineIOOptions { InitialPacket = new(new byte[] { 0xff }, IsBinary: false) };

        Assert.StartsWith("InitialPacket is text", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
