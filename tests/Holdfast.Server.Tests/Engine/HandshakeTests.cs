using System.Net;
using System.Net.WebSockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class HandshakeTests
{
    private const string UpgradeHeaders =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    [Fact]
    public async Task A_polling_handshake_answers_with_the_open_packet_and_its_five_keys()
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.Http.GetAsync(new Uri(host.Address, EngineHost.PollingQuery));
        var body = await response.Content.ReadAsStringAsync();

        var id = EngineHost.SessionIdOf(body);
        Assert.Equal($$"""0{"sid":"{{id}}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}""", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_direct_WebSocket_gets_the_open_packet_as_its_first_frame_without_upgrades()
    {
        await using var host = await EngineHost.StartAsync(options => options.PingInterval = TimeSpan.FromMilliseconds(300));
        using var socket = await host.ConnectAsync(EngineHost.WebSocketQuery);

        var open = await socket.ReadTextAsync();

        Assert.Equal($$"""0{"sid":"{{EngineHost.SessionIdOf(open)}}","upgrades":[],"pingInterval":300,"pingTimeout":20000,"maxPayload":1000000}""", open);
    }

    [Theory]
    [InlineData(EngineTransports.Polling, true)]
    [InlineData(EngineTransports.All, false)]
    public async Task No_upgrade_is_offered_or_taken_when_the_options_forbid_it(EngineTransports transports, bool allowUpgrades)
    {
        await using var host = await EngineHost.StartAsync(options =>
        {
            options.Transports = transports;
            options.AllowUpgrades = allowUpgrades;
        });

        var (_, body) = await host.GetAsync(EngineHost.PollingQuery);

        Assert.Contains("\"upgrades\":[]", body, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={EngineHost.SessionIdOf(body)}"));
    }

    [Theory]
    [InlineData("GET", "?EIO=4", 400, 0, "Transport unknown")]
    [InlineData("GET", "?EIO=4&transport=abc", 400, 0, "Transport unknown")]
    [InlineData("GET", "?EIO=4&transport=webtransport", 400, 0, "Transport unknown")]
    [InlineData("GET", "?EIO=4&transport=constructor", 400, 0, "Transport unknown")]
    [InlineData("GET", "?EIO=4&transport=__proto__", 400, 0, "Transport unknown")]
    [InlineData("GET", "", 400, 0, "Transport unknown")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=unknown", 400, 1, "Session ID unknown")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=__proto__", 400, 1, "Session ID unknown")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=", 400, 1, "Session ID unknown")]
    [InlineData("POST", "?EIO=4&transport=polling", 400, 2, "Bad handshake method")]
    [InlineData("PUT", "?EIO=4&transport=polling", 400, 2, "Bad handshake method")]
    [InlineData("OPTIONS", "?EIO=4&transport=polling", 400, 2, "Bad handshake method")]
    [InlineData("GET", "?EIO=4&transport=websocket", 400, 3, "Bad request")]
    [InlineData("GET", "?transport=polling", 400, 5, "Unsupported protocol version")]
    [InlineData("GET", "?EIO=3&transport=polling", 400, 5, "Unsupported protocol version")]
    [InlineData("GET", "?EIO=abc&transport=polling", 400, 5, "Unsupported protocol version")]
    public async Task A_bad_request_is_refused_with_the_protocols_code(string method, string query, int status, int code, string message)
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(host.Address, query)));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($$"""{"code":{{code}},"message":"{{message}}"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Theory]
    [InlineData("?EIO=4&transport=abc", "Transport unknown")]
    [InlineData("?EIO=4&transport=__proto__", "Transport unknown")]
    [InlineData("?EIO=4", "Transport unknown")]
    [InlineData("", "Transport unknown")]
    [InlineData("?EIO=4&transport=polling", "Bad request")]
    [InlineData("?EIO=3&transport=websocket", "Unsupported protocol version")]
    [InlineData("?transport=websocket", "Unsupported protocol version")]
    [InlineData("?EIO=4&transport=websocket&sid=unknown", "Session ID unknown")]
    public async Task A_bad_WebSocket_request_is_refused_over_HTTP(string query, string message)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        Assert.StartsWith("HTTP/1.1 400 ", await raw.UpgradeAsync(query), StringComparison.Ordinal);
        Assert.Equal(message, await raw.ReadTextAsync(message.Length));
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task A_WebSocket_request_with_a_broken_key_is_no_WebSocket_request()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync(
            "GET", EngineHost.WebSocketQuery, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_disagrees_with_its_session_is_refused_and_the_session_lives_on()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();
        const string badRequest = """{"code":3,"message":"Bad request"}""";

        Assert.Equal((400, badRequest), await host.GetAsync($"?EIO=4&transport=websocket&sid={id}"));
        Assert.Equal((400, badRequest), await host.GetAsync($"?EIO=3&transport=polling&sid={id}"));
        Assert.Equal((400, badRequest), await host.GetAsync($"?transport=polling&sid={id}"));
        using var put = await host.Http.PutAsync(new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4x"));
        Assert.Equal(500, (int)put.StatusCode);

        await host.PostAsync(id, "4still here");
        Assert.Equal((200, "4still here"), await host.PollAsync(id));
    }

    [Fact]
    public async Task An_origin_with_characters_that_no_answer_could_hold_is_a_bad_request()
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var query in new[] { EngineHost.PollingQuery, EngineHost.WebSocketQuery })
        {
            using var raw = await host.OpenRawAsync();

            // An euro sign in UTF-8.
            await raw.SendRequestAsync("GET", query, "Origin: http://engine.example/\u00e2\u0082\u00ac\r\nConnection: close\r\n");

            Assert.StartsWith("HTTP/1.1 400 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Contains("""{"code":3,"message":"Bad request"}""", await raw.ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task Sessions_are_counted_as_long_as_they_last()
    {
        await using var host = await EngineHost.StartAsync();
        Assert.Equal(0, host.Server.SessionCount);

        var (id, polling) = await host.OpenPollingAsync();
        Assert.Equal(id, polling.Session.Id);
        Assert.Equal(1, host.Server.SessionCount);
        var (socket, webSocket) = await host.OpenWebSocketAsync();
        Assert.NotEqual(id, webSocket.Session.Id);
        Assert.Equal(2, host.Server.SessionCount);

        await host.PostAsync(id, "1");
        await polling.Closed;
        Assert.Equal(1, host.Server.SessionCount);
        await socket.SendTextAsync("1");
        await webSocket.Closed;
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Fact]
    public async Task Bytes_that_are_no_frame_right_behind_a_WebSocket_handshake_end_that_session_alone()
    {
        await using var host = await EngineHost.StartAsync();
        var (other, _) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("GET", EngineHost.WebSocketQuery, UpgradeHeaders, "this is no frame");

        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("transport error: invalid WebSocket frame", await (await host.NextSessionAsync()).Closed);
        var answer = await raw.ReadFrameAsync();
        Assert.Equal("8:1002", answer.StartsWith("1:0{", StringComparison.Ordinal) ? await raw.ReadFrameAsync() : answer); // the open packet may have left before
        await host.PostAsync(other, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(other));
        Assert.Equal(1, host.Server.SessionCount);
    }

    [Fact]
    public async Task Bytes_that_are_no_frame_right_behind_an_upgrade_leave_the_session_on_polling()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("GET", $"{EngineHost.WebSocketQuery}&sid={id}", UpgradeHeaders, "this is no frame");

        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("8:1002", await raw.ReadFrameAsync());
        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id));
        Assert.False(session.IsClosed);
        Assert.Equal("polling", session.Session.TransportName);
    }

    [Fact]
    public async Task A_WebSocket_handshake_with_a_body_is_refused()
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("GET", EngineHost.WebSocketQuery, UpgradeHeaders + "Content-Length: 4\r\n", "test");

        Assert.StartsWith("HTTP/1.1 400 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task The_session_knows_its_clients_address_and_the_protocols_revision(string transport)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        await (transport == "polling" ? raw.SendRequestAsync("GET", EngineHost.PollingQuery) : raw.UpgradeAsync(EngineHost.WebSocketQuery));
        var session = (await host.NextSessionAsync()).Session;

        Assert.Equal(transport, session.TransportName);
        Assert.Equal("127.0.0.1", session.Handshake.Address);
        Assert.Equal(4, session.Protocol);
    }

    [Fact]
    public async Task Everything_below_the_path_is_the_endpoint()
    {
        await using var host = await EngineHost.StartAsync();

        foreach (var path in new[] { "", "default/", "default/deeper" })
        {
            var (status, _) = await host.GetAsync(path + EngineHost.PollingQuery);
            Assert.Equal(200, status);
        }

        using var bare = await host.Http.GetAsync(new Uri(host.Address.ToString().TrimEnd('/') + EngineHost.PollingQuery));
        Assert.Equal(HttpStatusCode.OK, bare.StatusCode);
    }

    [Fact]
    public async Task Session_ids_are_twenty_random_characters()
    {
        await using var host = await EngineHost.StartAsync();
        var ids = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            ids.Add(Holdfast.Engine.SessionId.Create());
        }

        Assert.Equal(200, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[A-Za-z0-9_-]{20}$", id));
        Assert.All(Enumerable.Range(0, 20), position => Assert.True(ids.Select(id => id[position]).Distinct().Count() > 20));
    }

    [Fact]
    public async Task The_handshake_keeps_what_the_first_request_said()
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, EngineHost.PollingQuery + "&room=a%20b"));
        request.Headers.Add("X-Token", "secret");
        request.Headers.Add("Origin", "http://elsewhere.example");

        using var response = await host.Http.SendAsync(request);
        var handshake = (await host.NextSessionAsync()).Session.Handshake;

        // Another request on the same connection reuses the server's header table.
        await host.GetAsync(EngineHost.PollingQuery);
        Assert.Equal("secret", handshake.Headers["x-token"]);
        Assert.Equal("a b", handshake.Query["room"]);
        Assert.Equal("127.0.0.1", handshake.Address);
        Assert.Equal("/engine.io/?EIO=4&transport=polling&room=a%20b", handshake.Url);
        Assert.False(handshake.Secure);
        Assert.True(handshake.CrossDomain);
        Assert.Equal(time.GetUtcNow(), handshake.Issued);
        Assert.Throws<InvalidOperationException>(() => handshake.Headers["x-token"] = "other");
    }

    [Theory]
    [InlineData("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)", true)]
    [InlineData("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko", true)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", false)]
    public async Task Old_Internet_Explorers_are_told_not_to_look_for_scripts(string agent, bool told)
    {
        await using var host = await EngineHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, EngineHost.PollingQuery));
        request.Headers.TryAddWithoutValidation("User-Agent", agent);

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(told, response.Headers.Contains("X-XSS-Protection"));
    }

    [Fact]
    public async Task Options_out_of_range_throw_with_their_name()
    {
        await using var host = await EngineHost.StartAsync();
        AssertInvalid(options => options.PingInterval = TimeSpan.Zero, "PingInterval");
        AssertInvalid(options => options.PingTimeout = TimeSpan.FromDays(25), "PingTimeout");
        AssertInvalid(options => options.UpgradeTimeout = TimeSpan.FromTicks(1), "UpgradeTimeout");
        AssertInvalid(options => options.MaxHttpBufferSize = 0, "MaxHttpBufferSize");
        AssertInvalid(options => options.OutboxLimit = -1, "OutboxLimit");
        AssertInvalid(options => options.Transports = EngineTransports.None, "Transports");

        var both = Assert.Throws<ArgumentException>(new EngineIOOptions { PingInterval = TimeSpan.Zero, MaxHttpBufferSize = 0 }.Validate);
        Assert.Equal("PingInterval is 00:00:00: it must be between 1 millisecond and 24 days. MaxHttpBufferSize is 0: it must be at least 1 byte.", both.Message);

        static void AssertInvalid(Action<EngineIOOptions> configure, string name)
        {
            var options = new EngineIOOptions();
            configure(options);
            Assert.StartsWith(name, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        }
    }
}
