using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Our own frames on connections of the real web server: how they begin, and all the ways in which they end. A host complains of none of them, which every test checks at its end.</summary>
public class FrameConnectionTests
{
    private const string Handshake =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"; // the RFC's example

    private static readonly X509Certificate2 Certificate = CreateCertificate();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_answer_that_opens_a_WebSocket_is_the_same_on_both_roads(bool platform)
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            if (platform)
            {
                context.Features.Set<IHttpUpgradeFeature>(new Detour(context.Features.GetRequiredFeature<IHttpUpgradeFeature>()));
            }

            return next(context);
        }));
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("GET", EngineHost.WebSocketQuery, Handshake);

        var lines = (await raw.ReadHeadAsync()).Split("\r\n");
        Assert.Equal(
            [
                "", "", "Connection: Upgrade", "HTTP/1.1 101 Switching Protocols", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Server: Kestrel", "Upgrade: websocket",
            ],
            lines.Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.StartsWith("1:0{", await raw.ReadFrameAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_middleware_that_wraps_the_connection_gets_all_that_passes()
    {
        var detours = new List<Detour>();
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            var detour = new Detour(context.Features.GetRequiredFeature<IHttpUpgradeFeature>());
            detours.Add(detour);
            context.Features.Set<IHttpUpgradeFeature>(detour);
            return next(context);
        }));
        using var raw = await WebSocketTests.OpenRawAsync(host);

        await raw.SendFrameAsync(1, "4a");
        Assert.Equal("1:4a", await raw.ReadFrameAsync());

        Assert.Equal(1, Assert.Single(detours).Taken);
    }

    [Fact]
    public async Task Frames_that_come_with_the_handshake_are_read()
    {
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            session.Session.TrySend(Packets.Text("got " + text));
            return default;
        });
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync(
            "GET", EngineHost.WebSocketQuery, Handshake, Encoding.Latin1.GetString([.. RawConnection.Frame(1, "4a"u8.ToArray(), fin: true), .. RawConnection.Frame(1, "4b"u8.ToArray(), fin: false)]));

        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("1:0{", await raw.ReadFrameAsync(), StringComparison.Ordinal);
        Assert.Equal("1:4got a", await raw.ReadFrameAsync());
        await raw.SendFrameAsync(0, "c");
        Assert.Equal("1:4got bc", await raw.ReadFrameAsync());
    }

    [Fact]
    public async Task Frames_that_come_with_the_handshake_may_be_a_whole_short_life()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync(
            "GET", EngineHost.WebSocketQuery, Handshake, Encoding.Latin1.GetString([.. RawConnection.Frame(1, "4a"u8.ToArray(), fin: true), .. RawConnection.Frame(8, [], fin: true)]));

        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.EndsWith("\u0088\u0002\u0003\u00e8", await raw.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal("transport close: closed by the client", await (await host.NextSessionAsync()).Closed);
    }

    [Theory]
    [InlineData("a close frame", "transport close: closed by the client")]
    [InlineData("nothing more to send", "transport close: connection lost")]
    [InlineData("a reset", "transport close: connection lost")]
    [InlineData("a reset in a frame", "transport close: connection lost")]
    [InlineData("a reset while writing is blocked", "transport close: connection lost")]
    [InlineData("a broken frame", "transport error: invalid WebSocket frame")]
    [InlineData("a large message", "transport error: message too large")]
    [InlineData("a packet that is none", "parse error: ")]
    [InlineData("our close", "forced close")]
    [InlineData("our cut", "forced close: cut")]
    [InlineData("our cut while writing is blocked", "forced close: cut")]
    [InlineData("our cut from a handler", "forced close: cut")]
    [InlineData("silence", "ping timeout")]
    [InlineData("silence while writing is blocked", "ping timeout")]
    public async Task Whatever_ends_a_connection_the_web_server_finds_it_as_it_wants_it(string end, string reason)
    {
        foreach (var isSecure in new[] { false, true })
        {
            var time = new FakeTime();
            var ended = new TaskCompletionSource<IHttpRequestLifetimeFeature>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var host = await EngineHost.StartAsync(
                options => options.MaxHttpBufferSize = 10_000,
                time: time,
                middleware: app => app.Use(async (context, next) =>
                {
                    var lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
                    await next(context);
                    ended.TrySetResult(lifetime);
                }),
                kestrel: isSecure ? UseHttps : null);
            using var client = await Client.OpenAsync(host);
            var session = await host.NextSessionAsync();
            if (end.EndsWith("blocked", StringComparison.Ordinal))
            {
                await BlockAsync(session);
            }

            await EndAsync(end, client, session, time, host);

            Assert.StartsWith(reason, await session.Closed, StringComparison.Ordinal);
            if (!end.EndsWith("blocked", StringComparison.Ordinal) && !end.Contains("reset", StringComparison.Ordinal))
            {
                await client.AnswerCloseAsync();
            }

            var lifetime = await ended.Task.Within();
            Assert.Equal(0, host.Server.SessionCount);

            // One that has been on its way to a request that is over meanwhile.
            lifetime.Abort();
        }
    }

    [Fact]
    public async Task What_comes_behind_a_broken_frame_is_no_request()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);

        await raw.SendAsync([0xff, 0xff, .. "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n"u8]);

        Assert.Equal("\u0088\u0002\u0003\u00ea", await raw.ReadToEndAsync());
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_host_that_stops_ends_no_WebSocket_that_is_still_talking()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await WebSocketTests.OpenRawAsync(host);
        using var other = await WebSocketTests.OpenRawAsync(host);

        // The engine has not been told to end: it is the web server that stops, which waits for its connections and cancels their reads.
        var stopping = host.StopAsync();
        await Waiting.Until(() => !Accepts(host.Address));
        for (var i = 0; i < 100; i++)
        {
            await raw.SendFrameAsync(1, $"4{i}");
            Assert.Equal($"1:4{i}", await raw.ReadFrameAsync());
        }

        Assert.False(stopping.IsCompleted);
        foreach (var connection in new[] { raw, other })
        {
            await connection.SendFrameAsync(8, "");
            Assert.Equal("8:1000", await connection.ReadFrameAsync());
            Assert.Equal("end", await connection.ReadFrameAsync());
        }

        await stopping.Within();
    }

    [Fact]
    public async Task The_web_servers_bound_of_upgraded_connections_holds_and_a_place_comes_back()
    {
        await using var host = await EngineHost.StartAsync(kestrel: options => options.Limits.MaxConcurrentUpgradedConnections = 1);
        using (var first = await WebSocketTests.OpenRawAsync(host))
        {
            using var second = await host.OpenRawAsync();
            Assert.DoesNotContain(" 101 ", await second.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);
            await first.SendFrameAsync(8, "");
            await first.ReadToEndAsync();
        }

        for (var isIn = false; !isIn;)
        {
            using var third = await host.OpenRawAsync();
            isIn = (await third.UpgradeAsync(EngineHost.WebSocketQuery)).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_web_servers_limits_of_time_and_rate_are_not_for_WebSockets()
    {
        await using var host = await EngineHost.StartAsync(kestrel: options =>
        {
            options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(1);
            options.Limits.MinResponseDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(1.001));
            options.Limits.MinRequestBodyDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(1.001));
        });
        using var quiet = await WebSocketTests.OpenRawAsync(host);
        var first = await host.NextSessionAsync();
        using var blocked = await WebSocketTests.OpenRawAsync(host);
        var second = await host.NextSessionAsync();
        await BlockAsync(second);

        // The web server looks at its limits once a second; each of these ends at such a moment.
        for (var i = 0; i < 3; i++)
        {
            using var idle = await host.OpenRawAsync();
            await idle.SendRequestAsync("GET", "?", "");
            await idle.ReadToEndAsync();
        }

        await quiet.SendFrameAsync(1, "4a");
        Assert.Equal("1:4a", await quiet.ReadFrameAsync());
        Assert.False(first.IsClosed);
        Assert.False(second.IsClosed);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(0x81, (await blocked.ReadBytesAsync()).First);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_larger_than_all_buffers_come_back_as_they_went(bool isSecure)
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 5_000_000, kestrel: isSecure ? UseHttps : null);
        using var client = await Client.OpenAsync(host);
        var random = new Random(5);
        foreach (var length in new[] { 1, 16_384, 65_530, 1_100_000, 4_999_999, 3 })
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var sending = client.Socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);
            Assert.Equal("b:" + Convert.ToHexString(bytes), await client.Socket.ReadTextAsync());
            await sending.Within();
        }
    }

    private static async Task EndAsync(string end, Client client, TestSession session, FakeTime time, EngineHost host)
    {
        switch (end)
        {
            case "a close frame":
                await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Within();
                break;
            case "nothing more to send":
                client.Tcp.Shutdown(SocketShutdown.Send);
                break;
            case "a reset" or "a reset while writing is blocked":
                client.Reset();
                break;
            case "a reset in a frame":
                await client.Socket.SendAsync("4abc"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None).Within();
                client.Reset();
                break;
            case "a broken frame":
                await client.Stream.WriteAsync(new byte[] { 0xff, 0xff }).Within();
                break;
            case "a large message":
                await client.Socket.SendTextAsync(new string('4', 20_000));
                break;
            case "a packet that is none":
                await client.Socket.SendTextAsync("x");
                break;
            case "our close":
                session.Session.Close();
                break;
            case "our cut" or "our cut while writing is blocked":
                session.Session.Discard(CloseReason.ForcedClose, "cut");
                break;
            case "our cut from a handler":
                session.Received = _ =>
                {
                    session.Session.TrySend(Packets.Text("last"));
                    session.Session.Discard(CloseReason.ForcedClose, "cut");
                    return default;
                };
                await client.Socket.SendTextAsync("4a");
                break;
            default:
                time.Advance(host.Server.Options.PingInterval);
                time.Advance(host.Server.Options.PingTimeout);
                break;
        }
    }

    /// <summary>Sends more than sockets and pipes hold to a client that reads none of it.</summary>
    private static async Task BlockAsync(TestSession session)
    {
        for (var i = 0; i < 20; i++)
        {
            session.Session.Send(Packets.Sized(1_000_000));
        }

        await Waiting.Until(() => session.Session.UnsentBytes <= 19_000_000);
    }

    private static bool Accepts(Uri address)
    {
        using var tcp = new TcpClient();
        try
        {
            tcp.Connect(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void UseHttps(KestrelServerOptions options) => options.ConfigureEndpointDefaults(endpoint => endpoint.UseHttps(Certificate));

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    /// <summary>A client whose connection can be got at, in the clear or over TLS.</summary>
    private sealed class Client : IDisposable
    {
        private Client(Socket tcp, Stream stream, WebSocket socket)
        {
            Tcp = tcp;
            Stream = stream;
            Socket = socket;
        }

        public Socket Tcp { get; }

        public Stream Stream { get; }

        public WebSocket Socket { get; }

        public static async Task<Client> OpenAsync(EngineHost host)
        {
            var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await tcp.ConnectAsync(IPAddress.Loopback, host.Address.Port).Within();
            Stream stream = new NetworkStream(tcp, ownsSocket: true);
            if (host.Address.Scheme == "https")
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, shown, _, _) => shown!.GetCertHashString() == Certificate.GetCertHashString());
                await secure.AuthenticateAsClientAsync("localhost").Within();
                stream = secure;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {host.Address.AbsolutePath}{EngineHost.WebSocketQuery} HTTP/1.1\r\nHost: localhost\r\n{Handshake}\r\n")).Within();
            var head = "";
            var one = new byte[1];
            while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one).Within();
                head += (char)one[0];
            }

            Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
            var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
            Assert.StartsWith("0{", await socket.ReadTextAsync(), StringComparison.Ordinal);
            return new Client(tcp, stream, socket);
        }

        /// <summary>Reads until the server's close frame, or the end, and answers it. A server that has closed because of silence may not wait for that.</summary>
        public async Task AnswerCloseAsync()
        {
            string text;
            do
            {
                text = await Socket.ReadTextAsync();
            }
            while (text != "cut" && !text.StartsWith("close ", StringComparison.Ordinal));
            if (Socket.State == WebSocketState.CloseReceived)
            {
                try
                {
                    await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Within();
                }
                catch (WebSocketException)
                {
                }
            }
        }

        public void Reset()
        {
            Tcp.LingerState = new LingerOption(true, 0);
            Tcp.Dispose();
        }

        public void Dispose()
        {
            Socket.Dispose();
            Tcp.Dispose();
        }
    }

    /// <summary>The connection as a middleware gives it on.</summary>
    private sealed class Detour(IHttpUpgradeFeature connection) : IHttpUpgradeFeature
    {
        public int Taken { get; private set; }

        public bool IsUpgradableRequest => connection.IsUpgradableRequest;

        public Task<Stream> UpgradeAsync()
        {
            Taken++;
            return connection.UpgradeAsync();
        }
    }
}
