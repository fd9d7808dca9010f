using System.Net.WebSockets;

namespace Holdfast.Server.Tests.Engine;

public class ConnectionErrorTests
{
    [Theory]
    [InlineData("GET", "?EIO=4&transport=abc", 0, "Transport unknown", null, "transport=abc")]
    [InlineData("GET", "?EIO=4&transport=constructor", 0, "Transport unknown", null, "transport=constructor")]
    [InlineData("GET", "?EIO=4", 0, "Transport unknown", null, "transport=")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown", null, "sid=unknown")]
    [InlineData("OPTIONS", "?EIO=4&transport=polling", 2, "Bad handshake method", null, "method=OPTIONS")]
    [InlineData("GET", "?EIO=4&transport=websocket", 3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR", "name=TRANSPORT_HANDSHAKE_ERROR")]
    [InlineData("GET", "?EIO=3&transport=polling", 5, "Unsupported protocol version", null, "protocol=3")]
    [InlineData("GET", "?transport=polling", 5, "Unsupported protocol version", null, "protocol=3")]
    public async Task A_refused_request_is_told_with_its_code_and_what_led_to_it(string method, string query, int code, string message, string? name, string context)
    {
        await using var host = await EngineHost.StartAsync();
        var errors = Listen(host);

        using var response = await host.SendAsync(new HttpMethod(method), query);

        var error = Assert.Single(errors);
        Assert.Equal((code, message, name, context), (error.Code, error.Message, error.Name, error.Context));
        Assert.Equal($"{method} {query}", error.Request);
    }

    [Fact]
    public async Task A_request_that_disagrees_with_its_session_says_how()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();
        var errors = Listen(host);

        await host.GetAsync($"?EIO=4&transport=websocket&sid={id}");
        await host.GetAsync($"?EIO=3&transport=polling&sid={id}");

        Assert.Equal(
            ["name=TRANSPORT_MISMATCH previousTransport=polling transport=websocket", "name=PROTOCOL_MISMATCH previousProtocol=4 protocol=3"],
            errors.Select(error => error.Context));
        Assert.Equal(["TRANSPORT_MISMATCH", "PROTOCOL_MISMATCH"], errors.Select(error => error.Name));
        Assert.All(errors, error => Assert.Equal((3, "Bad request"), (error.Code, error.Message)));
    }

    [Fact]
    public async Task A_poll_of_a_session_that_has_moved_is_a_transport_mismatch()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var errors = Listen(host);
        using var socket = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await socket.SendTextAsync("2probe");
        Assert.Equal("3probe", await socket.ReadTextAsync());
        await socket.SendTextAsync("5");
        await Testing.Waiting.Until(() => session.Session.IsUpgraded);

        Assert.Equal(400, (await host.PollAsync(id)).Status);

        Assert.Equal("name=TRANSPORT_MISMATCH previousTransport=websocket transport=polling", Assert.Single(errors).Context);
    }

    [Fact]
    public async Task A_second_WebSocket_for_a_session_is_a_handshake_error()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();
        var errors = Listen(host);
        using var first = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");

        await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}"));

        Assert.Equal("name=TRANSPORT_HANDSHAKE_ERROR", Assert.Single(errors).Context);
    }

    [Fact]
    public async Task An_origin_that_could_confuse_someone_is_told_as_it_came()
    {
        await using var host = await EngineHost.StartAsync();
        var errors = Listen(host);
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("GET", EngineHost.PollingQuery, "Origin: http://a\u0001b\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal((3, "INVALID_ORIGIN", "name=INVALID_ORIGIN origin=http://a\u0001b"), (Assert.Single(errors).Code, errors[0].Name, errors[0].Context));
    }

    [Theory]
    [InlineData(null, "Forbidden")]
    [InlineData("no guests", "no guests")]
    public async Task A_client_that_the_application_refuses_is_told_with_its_message(string? reason, string message)
    {
        await using var host = await EngineHost.StartAsync(options =>
            options.AllowRequest = _ => reason is null ? Task.FromResult(false) : throw new ConnectRejectedException(reason));
        var errors = Listen(host);

        await host.GetAsync(EngineHost.PollingQuery);
        using var raw = await host.OpenRawAsync();
        await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.Equal(2, errors.Count);
        Assert.All(errors, error => Assert.Equal((4, "Forbidden", null, $"message={message}"), (error.Code, error.Message, error.Name, error.Context)));
    }

    [Fact]
    public async Task A_WebSocket_handshake_is_told_like_any_other_request()
    {
        await using var host = await EngineHost.StartAsync();
        var errors = Listen(host);

        foreach (var query in new[] { "?EIO=4&transport=abc", "?EIO=4&transport=websocket&sid=unknown", "?EIO=4&transport=polling", "?EIO=3&transport=websocket" })
        {
            using var raw = await host.OpenRawAsync();
            await raw.UpgradeAsync(query);
        }

        Assert.Equal(["transport=abc", "sid=unknown", "name=TRANSPORT_MISMATCH previousTransport= transport=polling", "protocol=3"], errors.Select(error => error.Context));
    }

    [Theory]
    [InlineData("?EIO=4&transport=abc", "Transport unknown")]
    [InlineData("?EIO=4&transport=websocket&sid=unknown", "Session ID unknown")]
    [InlineData("?EIO=4&transport=polling", "Bad request")]
    [InlineData("?EIO=3&transport=websocket", "Unsupported protocol version")]
    public async Task A_refused_WebSocket_handshake_gets_the_protocols_words_and_the_end_of_its_connection(string query, string body)
    {
        await using var host = await EngineHost.StartAsync();
        using var raw = await host.OpenRawAsync();

        var head = await raw.UpgradeAsync(query);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {body.Length}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/html\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        Assert.Equal(body, await raw.ReadToEndAsync());
    }

    [Fact]
    public async Task A_WebSocket_that_the_HTTP_server_has_no_room_for_is_answered_503_and_told()
    {
        await using var host = await EngineHost.StartAsync(kestrel: kestrel => kestrel.Limits.MaxConcurrentUpgradedConnections = 0);
        var errors = Listen(host);
        var (id, session) = await host.OpenPollingAsync();

        foreach (var query in (string[])[EngineHost.WebSocketQuery, $"{EngineHost.WebSocketQuery}&sid={id}"])
        {
            using var raw = await host.OpenRawAsync();
            var head = await raw.UpgradeAsync(query);

            Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
            Assert.DoesNotContain("Upgrade", head, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Sec-WebSocket", head, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(2, errors.Count);
        Assert.All(errors, error => Assert.Equal((3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR"), (error.Code, error.Message, error.Name)));
        Assert.All(errors, error => Assert.StartsWith("error=System.InvalidOperationException", error.Context, StringComparison.Ordinal));
        Assert.Equal((200, "ok"), await host.PostAsync(id, "4still there"));
        Assert.Equal((200, "4still there"), await host.GetAsync($"{EngineHost.PollingQuery}&sid={id}"));
        Assert.False(session.Closed.IsCompleted);
    }

    [Fact]
    public async Task Faults_of_a_session_that_is_connected_are_no_connection_errors()
    {
        await using var host = await EngineHost.StartAsync();
        var errors = Listen(host);
        var (id, session) = await host.OpenPollingAsync();

        Assert.Equal(400, (await host.PostAsync(id, "nonsense")).Status);

        Assert.StartsWith("parse error", await session.Closed, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task One_that_throws_is_logged_and_the_answer_stays_the_same()
    {
        await using var host = await EngineHost.StartAsync();
        host.ExpectedComplaints = 1;
        host.Endpoint.OnConnectionError(_ => throw new InvalidOperationException("oops"));
        var errors = Listen(host);

        Assert.Equal((400, """{"code":0,"message":"Transport unknown"}"""), await host.GetAsync("?EIO=4&transport=abc"));

        Assert.Single(errors);
    }

    private static List<(int Code, string Message, string? Name, string Context, string Request)> Listen(EngineHost host)
    {
        var errors = new List<(int, string, string?, string, string)>();
        host.Endpoint.OnConnectionError(error =>
        {
            var context = string.Join(' ', error.Context.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key}={value.Value}"));
            lock (errors)
            {
                errors.Add((error.Code, error.Message, error.Name, context, $"{error.HttpContext.Request.Method} {error.HttpContext.Request.QueryString}"));
            }
        });
        return errors;
    }
}
