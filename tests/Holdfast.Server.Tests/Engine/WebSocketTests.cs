using System.Net.WebSockets;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class WebSocketTests
{
    [Fact]
    public async Task Text_stays_text_and_binary_stays_binary()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, _) = await host.OpenWebSocketAsync();

        await socket.SendTextAsync("4héllo");
        Assert.Equal("4héllo", await socket.ReadTextAsync());
        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal("b:010203", await socket.ReadTextAsync());
        await socket.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal("b:", await socket.ReadTextAsync());
        await socket.SendTextAsync("4");
        Assert.Equal("4", await socket.ReadTextAsync());
        await socket.SendTextAsync("bAQID");
        Assert.Equal("b:010203", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task One_encoded_packet_goes_out_to_many_clients_byte_by_byte()
    {
        await using var host = await EngineHost.StartAsync();
        using var one = await OpenRawAsync(host);
        var first = await host.NextSessionAsync();
        using var two = await OpenRawAsync(host);
        var second = await host.NextSessionAsync();
        var (id, third) = await host.OpenPollingAsync();
        var packet = new EncodedPacket("4[1, 2]"u8.ToArray());
        foreach (var session in new[] { first, second, third })
        {
            Assert.True(session.Session.TrySend(packet));
        }

        Assert.Equal("\u0081\u00074[1, 2]", await one.ReadTextAsync(9));
        Assert.Equal("\u0081\u00074[1, 2]", await two.ReadTextAsync(9));
        Assert.Equal((200, "4[1, 2]"), await host.PollAsync(id));
    }

    [Fact]
    public async Task Attachments_follow_their_text_and_nothing_comes_between()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();

        Parallel.For(0, 200, i =>
        {
            var one = new byte[] { (byte)i };
            session.Session.TrySend(new(Encoding.UTF8.GetBytes($"452-{i}"), [one, one]));
        });

        for (var i = 0; i < 200; i++)
        {
            var text = await socket.ReadTextAsync();
            var attachment = "b:" + byte.Parse(text["452-".Length..]).ToString("X2");
            Assert.Equal(attachment, await socket.ReadTextAsync());
            Assert.Equal(attachment, await socket.ReadTextAsync());
        }
    }

    [Fact]
    public async Task A_thousand_messages_come_back_in_order()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, _) = await host.OpenWebSocketAsync();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await socket.SendTextAsync($"4m{i}");
            }
        });

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal($"4m{i}", await socket.ReadTextAsync());
        }

        await sending;
    }

    [Theory]
    [InlineData("hello", "parse error: ")]
    [InlineData("", "parse error: ")]
    [InlineData("b!", "parse error: ")]
    [InlineData("2", "transport error: invalid heartbeat direction")]
    [InlineData("1", "transport close: closed by the client")]
    public async Task A_packet_that_ends_the_session_closes_the_WebSocket_at_once(string packet, string reason)
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();

        await socket.SendTextAsync(packet);

        Assert.Equal("close 1000", await socket.ReadTextAsync());
        Assert.StartsWith(reason, await session.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clients_closing_handshake_is_answered()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Within();

        Assert.Equal("transport close: closed by the client", await session.Closed);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_a_transport_close()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();

        socket.Abort();

        Assert.Equal("transport close: connection lost", await session.Closed);
    }

    [Fact]
    public async Task A_message_at_the_limit_passes_and_one_over_it_closes_with_1009()
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 50_000);
        var (socket, session) = await host.OpenWebSocketAsync();
        var largest = "4" + new string('x', 49_999);

        await socket.SendTextAsync(largest);
        Assert.Equal(largest, await socket.ReadTextAsync());
        await socket.SendTextAsync(largest + "x");

        Assert.Equal("close 1009", await socket.ReadTextAsync());
        Assert.Equal("transport error: message too large", await session.Closed);
    }

    [Fact]
    public async Task Fragments_make_one_message()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await OpenRawAsync(host);

        await raw.SendFrameAsync(1, "4one ", fin: false);
        await raw.SendFrameAsync(0, "", fin: false);
        await raw.SendFrameAsync(0, "two", fin: true);

        Assert.Equal("1:4one two", await raw.ReadFrameAsync());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_message_of_endless_tiny_fragments_is_given_up(string fragment)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        await raw.SendFrameAsync(1, "4", fin: false);
        var frame = RawConnection.Frame(0, Encoding.UTF8.GetBytes(fragment), fin: false);
        await raw.SendAsync([.. Enumerable.Repeat(frame, 3000).SelectMany(bytes => bytes)]);

        Assert.Equal("8:1008", await raw.ReadFrameAsync());
        Assert.Equal("transport error: message in too many fragments", await session.Closed);
    }

    [Theory]
    [InlineData(0x83)] // an opcode that doesn't exist
    [InlineData(0x80)] // a continuation of nothing
    [InlineData(0xc1)] // a reserved bit
    public async Task A_broken_frame_is_a_transport_error(byte first)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        await raw.SendAsync([first, 0x81, 0, 0, 0, 0, (byte)'4']);

        Assert.Equal("transport error: invalid WebSocket frame", await session.Closed);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_a_transport_error()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        await raw.SendAsync(RawConnection.Frame(1, [(byte)'4', 0xc3, 0x28], fin: true));

        Assert.Equal("transport error: invalid WebSocket frame", await session.Closed);
    }

    [Fact]
    public async Task Only_the_first_of_two_volatile_packets_leaves()
    {
        await using var host = await EngineHost.StartAsync();
        var (socket, session) = await host.OpenWebSocketAsync();
        await Waiting.Until(() => session.Session.Transport.IsWritable);
        bool first, second;
        lock (session.Session.Gate)
        {
            // The gate keeps the writer from finishing in between.
            first = session.Session.TrySendVolatile(Packets.Text("first"));
            second = session.Session.TrySendVolatile(Packets.Text("second"));
        }

        Assert.True(first);
        Assert.False(second);
        Assert.Equal("4first", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task A_handler_that_pauses_stops_the_reading()
    {
        var finish = new TaskCompletionSource();
        var received = new List<string>();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            received.Add(text);
            session.Session.TrySend(Packets.Text(text));
            return new ValueTask(finish.Task);
        });
        var (socket, _) = await host.OpenWebSocketAsync();

        await socket.SendTextAsync("4a");
        await socket.SendTextAsync("4b");

        Assert.Equal("4a", await socket.ReadTextAsync());
        Assert.Equal(["a"], received);
        finish.SetResult();
        Assert.Equal("4b", await socket.ReadTextAsync());
    }

    internal static async Task<RawConnection> OpenRawAsync(EngineHost host)
    {
        var raw = await host.OpenRawAsync();
        Assert.StartsWith("HTTP/1.1 101 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);
        Assert.StartsWith("1:0{", await raw.ReadFrameAsync(), StringComparison.Ordinal);
        return raw;
    }
}
