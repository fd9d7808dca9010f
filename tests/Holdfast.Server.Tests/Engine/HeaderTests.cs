using System.Collections.Concurrent;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class HeaderTests
{
    [Fact]
    public async Task The_first_answer_of_a_polling_session_can_be_given_headers_and_only_that_one()
    {
        await using var host = await EngineHost.StartAsync();
        host.Endpoint.OnInitialHeaders((headers, context) => headers["X-Begin"] = context.Request.Query["transport"].ToString());

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);
        var id = EngineHost.SessionIdOf(await open.Content.ReadAsStringAsync());
        using var post = await host.Http.PostAsync(new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4a"));
        using var poll = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}");
        using var raw = await host.OpenRawAsync();
        var upgrade = await raw.UpgradeAsync($"{EngineHost.WebSocketQuery}&sid={id}");

        Assert.Equal("polling", open.Headers.GetValues("X-Begin").Single());
        Assert.Equal("ok", await post.Content.ReadAsStringAsync());
        Assert.Equal("4a", await poll.Content.ReadAsStringAsync());
        Assert.StartsWith("HTTP/1.1 101", upgrade, StringComparison.Ordinal);
        Assert.All([post, poll], response => Assert.False(response.Headers.Contains("X-Begin")));
        Assert.DoesNotContain("X-Begin", upgrade, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_101_of_a_direct_WebSocket_is_a_first_answer_as_well()
    {
        await using var host = await EngineHost.StartAsync();
        host.Endpoint.OnInitialHeaders((headers, context) => headers["X-Begin"] = context.Request.Query["transport"].ToString());
        using var raw = await host.OpenRawAsync();

        var head = await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Begin: websocket\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_of_a_session_can_be_given_headers()
    {
        await using var host = await EngineHost.StartAsync();
        var count = 0;
        host.Endpoint.OnInitialHeaders((headers, _) => headers["X-Count"] = "first");
        host.Endpoint.OnHeaders((headers, _) => headers["X-Count"] = headers["X-Count"] + $"{++count}");

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);
        var id = EngineHost.SessionIdOf(await open.Content.ReadAsStringAsync());
        using var post = await host.Http.PostAsync(new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4a"));
        using var poll = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}");
        using var raw = await host.OpenRawAsync();
        var upgrade = await raw.UpgradeAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        using var refused = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid=unknown");

        Assert.Equal("first1", open.Headers.GetValues("X-Count").Single());
        Assert.Equal("2", post.Headers.GetValues("X-Count").Single());
        Assert.Equal("3", poll.Headers.GetValues("X-Count").Single());
        Assert.Contains("\r\nX-Count: 4\r\n", upgrade, StringComparison.Ordinal);
        Assert.False(refused.Headers.Contains("X-Count"));
        Assert.Equal(4, count);
    }

    [Fact]
    public async Task Answers_without_messages_and_the_last_one_are_answers_too()
    {
        await using var host = await EngineHost.StartAsync();
        var told = new ConcurrentQueue<string>();
        host.Endpoint.OnHeaders((headers, context) =>
        {
            headers["X-Told"] = "yes";
            told.Enqueue(context.Request.Method);
        });
        var (id, session) = await host.OpenPollingAsync();

        session.Session.Close();
        using var last = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}");

        Assert.Equal("6\u001e1", await last.Content.ReadAsStringAsync());
        Assert.True(last.Headers.Contains("X-Told"));
        Assert.Equal(["GET", "GET"], told);
    }

    [Fact]
    public async Task One_that_throws_is_logged_and_the_others_are_told_all_the_same()
    {
        await using var host = await EngineHost.StartAsync();
        host.ExpectedComplaints = 2;
        host.Endpoint.OnInitialHeaders((_, _) => throw new InvalidOperationException("first"));
        host.Endpoint.OnHeaders((_, _) => throw new InvalidOperationException("second"));
        host.Endpoint.OnHeaders((headers, _) => headers["X-Told"] = "yes");

        using var response = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);

        Assert.StartsWith("0{", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("X-Told"));
        Assert.All(host.Log.Complaints, complaint => Assert.StartsWith("Error: The application's listener of a connection failed.", complaint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Mozilla/4.0 (compatible;MSIE 8.0;Windows NT 6.1)")]
    [InlineData("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko")]
    public async Task Old_Internet_Explorers_are_told_on_every_answer(string agent)
    {
        await using var host = await EngineHost.StartAsync();

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery, ("User-Agent", agent));
        var id = EngineHost.SessionIdOf(await open.Content.ReadAsStringAsync());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}")) { Content = new StringContent("4a") };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var post = await host.Http.SendAsync(request).Within();

        Assert.All([open, post], response =>
        {
            Assert.Equal("0", response.Headers.GetValues("X-XSS-Protection").Single());
            Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        });
    }
}
