using System.Text;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Whatever arrives, the host goes on, logs no warning, and a decent client next door notices nothing.</summary>
public class FuzzTests
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "OPTIONS", "HEAD", "DELETE", "BREW"];
    private static readonly string[] Queries =
    [
        "EIO=4", "EIO=3", "EIO=", "EIO=4&EIO=4", "transport=polling", "transport=websocket", "transport=", "transport=polling&transport=websocket", "sid={sid}",
        "sid=", "sid=%00", "sid={sid}&sid={sid}", "t=x", "j=0", "b64=1", "%ff=%fe", "a=" + "%20%20%20",
    ];

    private static readonly string[] Headers =
    [
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", "Connection: close\r\n",
        "Upgrade: websocket\r\n", "Origin: null\r\n", "Origin: \u00e9\r\n", "Origin: http://a b\r\n", "Content-Type: application/octet-stream\r\n", "User-Agent: ;MSIE\r\n",
        "Expect: 100-continue\r\n", "Cookie: io=x\r\n", "Sec-WebSocket-Protocol: a, b\r\n",
    ];

    private static readonly string[] Packets = ["4a", "1", "2", "3", "5", "6", "0", "2probe", "3probe", "bAQID", "b!", "", "hello", "\u00ff", "4\u001e4", "\u001e"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_requests_harm_nobody(int seed)
    {
        await using var host = await EngineHost.StartAsync();
        var (witness, _) = await host.OpenWebSocketAsync();
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            var (id, _) = await host.OpenPollingAsync();
            using var raw = await host.OpenRawAsync();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                try
                {
                    await SendRequestAsync(raw, random, id);
                }
                catch (IOException)
                {
                    break;
                }
            }

            if (random.Next(3) == 0)
            {
                raw.Reset();
            }
        }

        await witness.SendTextAsync("4alive");
        Assert.Equal("4alive", await witness.ReadTextAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_frames_harm_nobody(int seed)
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 2000);
        var (witness, _) = await host.OpenWebSocketAsync();
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            var (id, _) = await host.OpenPollingAsync();
            using var raw = await host.OpenRawAsync();
            await raw.UpgradeAsync(EngineHost.WebSocketQuery + (random.Next(2) == 0 ? $"&sid={id}" : ""));
            try
            {
                for (var n = random.Next(1, 8); n > 0; n--)
                {
                    await raw.SendAsync(RandomFrame(random));
                }
            }
            catch (IOException)
            {
                // Closed by the server before the last frame.
            }

            if (random.Next(3) == 0)
            {
                raw.Reset();
            }
        }

        await witness.SendTextAsync("4alive");
        Assert.Equal("4alive", await witness.ReadTextAsync());
    }

    private static async Task SendRequestAsync(RawConnection raw, Random random, string id)
    {
        var query = new StringBuilder("?");
        if (random.Next(2) == 0)
        {
            query.Append("EIO=4&transport=polling&sid={sid}&");
        }

        for (var n = random.Next(4); n > 0; n--)
        {
            query.Append(Pick(random, Queries)).Append('&');
        }

        var body = string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pick(random, Packets) + '\u001e'));
        var headers = random.Next(2) == 0 ? Pick(random, Headers) : "";
        headers += random.Next(8) switch
        {
            0 => "Transfer-Encoding: chunked\r\n",
            1 => $"Content-Length: {body.Length + 5}\r\n",
            2 => "Content-Length: 99999999999\r\n",
            3 => "Content-Length: -1\r\n",
            _ => $"Content-Length: {body.Length}\r\n",
        };
        await raw.SendRequestAsync(Pick(random, Methods), query.ToString().Replace("{sid}", id, StringComparison.Ordinal), headers, body);
    }

    private static byte[] RandomFrame(Random random)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(1, 40)];
            random.NextBytes(noise);
            return noise;
        }

        var payload = random.Next(10) == 0 ? new string('4', random.Next(5000)) : Pick(random, Packets);
        var opcode = random.Next(4) == 0 ? random.Next(16) : 1;
        return RawConnection.Frame(opcode, Encoding.UTF8.GetBytes(payload), fin: random.Next(4) != 0);
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
