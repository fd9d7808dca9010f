using System.Net;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Polling by scripts and forms.</summary>
public class JsonpTests
{
    private const string BadRequest = """{"code":3,"message":"Bad request"}""";

    [Theory]
    [InlineData("3")]
    [InlineData("4")]
    public async Task Without_the_option_it_is_refused(string revision)
    {
        await using var host = await Eio3Client.StartAsync();

        Assert.Equal((400, BadRequest), await host.GetAsync($"?EIO={revision}&transport=polling&j=0"));
        Assert.Equal(0, host.Server.SessionCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("0];alert(1)//")]
    [InlineData("01234567890")]
    [InlineData("0&j=1")]
    public async Task The_function_is_a_number(string function)
    {
        await using var host = await StartAsync();

        Assert.Equal((400, BadRequest), await host.GetAsync($"?EIO=3&transport=polling&j={function}"));
    }

    [Theory]
    [InlineData("3", "118:0")]
    [InlineData("4", "0")]
    public async Task The_answer_is_a_script_that_calls_the_function(string revision, string head)
    {
        await using var host = await StartAsync();

        using var response = await host.Http.GetAsync(new Uri(host.Address, $"?EIO={revision}&transport=polling&j=17"));
        var body = await response.Content.ReadAsStringAsync();

        var id = (await host.NextSessionAsync()).Session.Id;
        var open = $$"""{\"sid\":\"{{id}}\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}""";
        Assert.Equal($"___eio[17](\"{head}{open}\");", body);
        Assert.Equal("text/javascript; charset=UTF-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Messages_go_both_ways_with_what_would_end_a_line_escaped()
    {
        await using var host = await StartAsync();
        var (id, _) = await OpenAsync(host, "3");

        Assert.Equal((200, "ok"), await PostAsync(host, "3", id, "5:4\u2028 \"\u20295:4a\\\\nb6:b4AQID"));

        Assert.Equal((200, "___eio[0](\"5:4\\u2028 \\\"\\u20295:4a\\\\nb6:b4AQID\");"), await PollAsync(host, "3", id));
    }

    [Fact]
    public async Task A_newline_that_the_client_has_escaped_is_one_again()
    {
        await using var host = await StartAsync();
        var (id, _) = await OpenAsync(host, "3");

        await PostAsync(host, "3", id, "4:4a\\nb");

        Assert.Equal((200, "___eio[0](\"4:4a\\nb\");"), await PollAsync(host, "3", id));
    }

    [Fact]
    public async Task The_fourth_revision_keeps_its_own_payload_inside()
    {
        await using var host = await StartAsync();
        var (id, _) = await OpenAsync(host, "4");

        await PostAsync(host, "4", id, "4a\u001ebAQID");

        Assert.Equal((200, "___eio[0](\"4a\\u001ebAQID\");"), await PollAsync(host, "4", id));
    }

    [Fact]
    public async Task Heartbeat_and_close_travel_in_scripts_as_well()
    {
        await using var host = await StartAsync();
        var (id, session) = await OpenAsync(host, "3");

        await PostAsync(host, "3", id, "1:2");
        Assert.Equal((200, "___eio[0](\"1:3\");"), await PollAsync(host, "3", id));
        session.Session.Close();

        Assert.Equal((200, "___eio[0](\"1:61:1\");"), await PollAsync(host, "3", id));
    }

    [Fact]
    public async Task The_session_may_move_to_a_WebSocket()
    {
        await using var host = await StartAsync();
        var (id, session) = await OpenAsync(host, "3");
        using var socket = await host.ConnectAsync($"{Eio3Client.WebSocketQuery}&sid={id}");
        await socket.SendTextAsync("2probe");
        Assert.Equal("3probe", await socket.ReadTextAsync());
        Assert.Equal((200, "___eio[0](\"1:6\");"), await PollAsync(host, "3", id));
        await socket.SendTextAsync("5");
        await socket.SendTextAsync("4a");

        Assert.Equal("4a", await socket.ReadTextAsync());
        Assert.True(session.Session.IsUpgraded);
    }

    [Theory]
    [InlineData("2:4a")]
    [InlineData("e=2:4a")]
    [InlineData("d=2:4%")]
    [InlineData("d=2:4%FF")]
    [InlineData("d=3:4a")]
    public async Task A_form_that_is_none_ends_the_session(string form)
    {
        await using var host = await StartAsync();
        var (id, session) = await OpenAsync(host, "3");

        Assert.Equal((400, BadRequest), await host.PostThreeAsync(id, form));

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_over_the_limit_is_refused_and_bytes_are_no_form()
    {
        await using var host = await StartAsync(options => options.MaxHttpBufferSize = 100);
        var (id, session) = await OpenAsync(host, "3");

        Assert.Equal(413, (await host.PostThreeAsync(id, "d=" + new string('x', 99))).Status);
        Assert.False(session.IsClosed);
        Assert.Equal((400, BadRequest), await host.PostBytesAsync(id, "0002ff3461"));

        Assert.Equal("transport error: binary body", await session.Closed);
    }

    private static Task<EngineHost> StartAsync(Action<EngineIOOptions>? configure = null) => Eio3Client.StartAsync(options =>
    {
        options.AllowJsonp = true;
        configure?.Invoke(options);
    });

    private static async Task<(string Id, TestSession Session)> OpenAsync(EngineHost host, string revision)
    {
        await host.GetAsync($"?EIO={revision}&transport=polling&j=0");
        var session = await host.NextSessionAsync();
        return (session.Session.Id, session);
    }

    private static Task<(int Status, string Body)> PollAsync(EngineHost host, string revision, string id) =>
        host.GetAsync($"?EIO={revision}&transport=polling&j=0&sid={id}");

    private static async Task<(int Status, string Body)> PostAsync(EngineHost host, string revision, string id, string payload)
    {
        using var response = await host.Http.PostAsync(
            new Uri(host.Address, $"?EIO={revision}&transport=polling&j=0&sid={id}"), new FormUrlEncodedContent([new("d", payload)])).Within();
        Assert.True(response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType!.MediaType == "text/html");
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
