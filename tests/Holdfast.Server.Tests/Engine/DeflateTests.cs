using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class DeflateTests
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    private static readonly string Long = new('x', 1023);

    [Fact]
    public async Task It_is_off_unless_the_options_say_otherwise()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        Assert.DoesNotContain("Sec-WebSocket-Extensions", await raw.UpgradeAsync(EngineHost.WebSocketQuery, Offer), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(15, false, "permessage-deflate; server_no_context_takeover")]
    [InlineData(10, true, "permessage-deflate; server_max_window_bits=10")]
    public async Task The_handshake_says_what_was_agreed(int bits, bool takeover, string agreed)
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new() { ServerMaxWindowBits = bits, ServerContextTakeover = takeover });
        using var raw = await host.OpenRawAsync();

        var head = await raw.UpgradeAsync(EngineHost.WebSocketQuery, "Sec-WebSocket-Extensions: permessage-deflate\r\n");

        var extensions = head.Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Extensions: ", StringComparison.Ordinal));
        Assert.Equal(
            agreed.Split("; ").Order(StringComparer.Ordinal),
            extensions["Sec-WebSocket-Extensions: ".Length..].Split("; ").Where(part => !part.StartsWith("client_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Large_messages_are_compressed_and_small_ones_and_those_that_ask_for_it_are_not()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new());
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync(EngineHost.WebSocketQuery, Offer);
        var session = (await host.NextSessionAsync()).Session;
        Assert.Equal((0x81, true), Kind(await raw.ReadBytesAsync())); // the handshake

        session.TrySend(Packets.Text(Long));
        Assert.Equal(0xc1, (await raw.ReadBytesAsync()).First); // RSV1: compressed
        session.TrySend(Packets.Text(Long[1..]));
        Assert.Equal(0x81, (await raw.ReadBytesAsync()).First);
        session.TrySend(Packets.Binary(new byte[1024]));
        Assert.Equal(0xc2, (await raw.ReadBytesAsync()).First);
        session.TrySend(Packets.Binary(new byte[1023]));
        Assert.Equal(0x82, (await raw.ReadBytesAsync()).First);
        session.TrySend(new EncodedPacket(Encoding.ASCII.GetBytes("4" + Long)) { Compress = false });
        Assert.Equal((0x81, true), Kind(await raw.ReadBytesAsync()));

        static (int, bool) Kind((int First, byte[] Payload) frame) => (frame.First, frame.Payload[0] is (byte)'0' or (byte)'4');
    }

    [Fact]
    public async Task The_threshold_is_an_option()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new() { Threshold = 0 });
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync(EngineHost.WebSocketQuery, Offer);

        Assert.Equal(0xc1, (await raw.ReadBytesAsync()).First);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_all_sizes_come_back_as_they_went(bool takeover)
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new() { Threshold = 100, ServerContextTakeover = takeover });
        using var socket = await host.ConnectAsync(EngineHost.WebSocketQuery, options => options.DangerousDeflateOptions = new());
        await socket.ReadTextAsync();
        var random = new Random(3);

        foreach (var length in new[] { 0, 1, 99, 100, 4095, 4096, 4097, 70_000, 900_000, 0, 5 })
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'f')));
            await socket.SendTextAsync("4" + text);
            Assert.Equal("4" + text, await socket.ReadTextAsync());

            var bytes = Encoding.ASCII.GetBytes(text);
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);
            Assert.Equal("b:" + Convert.ToHexString(bytes), await socket.ReadTextAsync());
        }
    }

    [Fact]
    public async Task A_client_that_does_not_offer_it_gets_plain_messages()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new() { Threshold = 0 });
        using var raw = await host.OpenRawAsync();

        Assert.DoesNotContain("Sec-WebSocket-Extensions", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0x81, (await raw.ReadBytesAsync()).First);
    }

    [Fact]
    public async Task It_holds_for_a_WebSocket_that_a_polling_session_moves_to()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new());
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync($"{EngineHost.WebSocketQuery}&sid={id}", Offer);
        await raw.SendFrameAsync(1, "2probe");
        Assert.Equal("1:3probe", await raw.ReadFrameAsync());
        await raw.SendFrameAsync(1, "5");
        await Waiting.Until(() => session.Session.IsUpgraded);

        session.Session.TrySend(Packets.Text(Long));

        Assert.Equal(0xc1, (await raw.ReadBytesAsync()).First);
    }

    [Fact]
    public async Task One_packet_leaves_compressed_for_one_client_and_as_it_is_for_another()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new());
        using var packed = await host.OpenRawAsync();
        await packed.UpgradeAsync(EngineHost.WebSocketQuery, Offer);
        var first = (await host.NextSessionAsync()).Session;
        await packed.ReadBytesAsync();
        using var plain = await host.OpenRawAsync();
        await plain.UpgradeAsync(EngineHost.WebSocketQuery);
        var second = (await host.NextSessionAsync()).Session;
        await plain.ReadBytesAsync();
        var (id, third) = await host.OpenPollingAsync();
        var packet = Packets.Text(Long);

        foreach (var session in new[] { first, second, third.Session })
        {
            session.TrySend(packet);
        }

        Assert.Equal(0xc1, (await packed.ReadBytesAsync()).First);
        var (kind, payload) = await plain.ReadBytesAsync();
        Assert.Equal((0x81, "4" + Long), (kind, Encoding.ASCII.GetString(payload)));
        Assert.Equal((200, "4" + Long), await host.PollAsync(id));
    }

    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(1_000_001, false)]
    [InlineData(100_000_000, false)]
    public async Task What_arrives_is_bounded_as_it_is_inflated(int bytes, bool passes)
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new() { Threshold = int.MaxValue });
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync(EngineHost.WebSocketQuery, Offer);
        var session = await host.NextSessionAsync();
        await raw.ReadBytesAsync();
        var length = 0;
        session.Received = text =>
        {
            length = text.Length;
            return session.Session.SendAsync(Packets.Text("got it"), CancellationToken.None) is var sent ? new ValueTask(sent) : default;
        };

        await raw.SendAsync(CompressedFrame(bytes));

        if (passes)
        {
            Assert.Equal("1:4got it", await raw.ReadFrameAsync());
            Assert.Equal(bytes - 1, length);
        }
        else
        {
            Assert.Equal("8:1009", await raw.ReadFrameAsync());
            Assert.Equal("transport error: message too large", await session.Closed);
            Assert.Equal(0, length);
        }
    }

    [Fact]
    public async Task A_compressed_message_that_can_not_be_inflated_is_a_transport_error()
    {
        await using var host = await EngineHost.StartAsync(options => options.PerMessageDeflate = new());
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync(EngineHost.WebSocketQuery, Offer);
        var session = await host.NextSessionAsync();
        await raw.ReadBytesAsync();

        await raw.SendAsync([0xc1, 0x84, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);

        Assert.StartsWith("transport ", await session.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_out_of_range_throw_with_their_name()
    {
        var options = new EngineIOOptions { PerMessageDeflate = new() { Threshold = -1 } };
        Assert.StartsWith("PerMessageDeflate.Threshold", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.PerMessageDeflate = new() { ServerMaxWindowBits = 8 };
        Assert.StartsWith("PerMessageDeflate.ServerMaxWindowBits", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.PerMessageDeflate = new() { ServerMaxWindowBits = 16 };
        Assert.Throws<ArgumentException>(options.Validate);
    }

    /// <summary>A text message of that many bytes, nearly all the same, as one compressed frame with a mask of zero.</summary>
    private static byte[] CompressedFrame(int bytes)
    {
        using var packed = new MemoryStream();
        using var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true);
        var part = new byte[100_000];
        Array.Fill(part, (byte)'4');
        for (var left = bytes; left > 0; left -= part.Length)
        {
            deflate.Write(part, 0, Math.Min(left, part.Length));
        }

        deflate.Flush();

        // The extension leaves out the four bytes with which each flush ends.
        var payload = packed.ToArray()[..^4];
        byte[] length = payload.Length <= ushort.MaxValue
            ? [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [0x80 | 127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
        return [0xc1, .. length, 0, 0, 0, 0, .. payload];
    }
}
