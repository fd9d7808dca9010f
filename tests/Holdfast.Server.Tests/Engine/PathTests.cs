using System.Net;
using System.Net.WebSockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Where an endpoint answers is a matter of routing.</summary>
public class PathTests
{
    [Theory]
    [InlineData("/custom", "/custom", 200)]
    [InlineData("/custom", "/custom/", 200)]
    [InlineData("/custom", "/custom/default/", 200)]
    [InlineData("/custom/", "/custom", 200)]
    [InlineData("/custom/", "/custom/", 200)]
    [InlineData("/custom/", "/custom/default/deeper", 200)]
    [InlineData("/custom", "/CUSTOM/", 200)]
    [InlineData("/a/b/c/", "/a/b/c", 200)]
    [InlineData("/custom", "/customer/", 404)]
    [InlineData("/custom", "/other/", 404)]
    [InlineData("/custom", "/", 404)]
    public async Task An_endpoint_answers_at_its_path_and_below_with_and_without_a_slash(string path, string requested, int status)
    {
        await using var bare = await StartAsync(app => app.MapEngineIO(path, _ => { }));
        await using var io = await StartAsync(app => app.MapSocketIO(path, _ => { }));

        Assert.Equal(status, await GetAsync(bare, requested + EngineHost.PollingQuery));
        Assert.Equal(status, await GetAsync(io, requested + EngineHost.PollingQuery));
    }

    [Theory]
    [InlineData("/socket.io", 200)]
    [InlineData("/socket.io/", 200)]
    [InlineData("/engine.io/", 404)]
    public async Task A_Socket_IO_server_is_where_clients_look_for_it_unless_told_otherwise(string requested, int status)
    {
        await using var app = await StartAsync(app => app.MapSocketIO(_ => { }));

        Assert.Equal(status, await GetAsync(app, requested + EngineHost.PollingQuery));
    }

    [Fact]
    public async Task Two_endpoints_share_a_host_with_each_other_and_with_the_rest_of_the_application()
    {
        var first = new List<string>();
        var second = new List<string>();
        await using var app = await StartAsync(app =>
        {
            app.MapEngineIO("/first", engine => engine.OnConnection(socket => first.Add(socket.Id)));
            app.MapEngineIO("/second", engine => engine.OnConnection(socket => second.Add(socket.Id)));
            app.MapGet("/hello", () => "hello");
        });
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var id = EngineHost.SessionIdOf(await http.GetStringAsync("/first" + EngineHost.PollingQuery));
        await http.GetStringAsync("/second" + EngineHost.PollingQuery);

        Assert.Equal("hello", await http.GetStringAsync("/hello"));
        Assert.Equal([id], first);
        Assert.Single(second);
        Assert.NotEqual(first, second);

        // A session is known where it began and nowhere else.
        using var stray = await http.GetAsync($"/second{EngineHost.PollingQuery}&sid={id}");
        Assert.Equal("""{"code":1,"message":"Session ID unknown"}""", await stray.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_WebSocket_for_another_path_is_refused_by_the_host_and_one_of_the_application_is_left_alone()
    {
        await using var app = await StartAsync(app =>
        {
            app.UseWebSockets();
            app.MapEngineIO("/engine.io", _ => { });
            app.Map("/mine", async context =>
            {
                using var mine = await context.WebSockets.AcceptWebSocketAsync();
                await mine.SendTextAsync("mine");
                await mine.ReadTextAsync();
            });
        });
        var address = new UriBuilder(app.Urls.Single()) { Scheme = "ws" }.Uri;

        using var foreign = new ClientWebSocket();
        foreign.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(new Uri(address, "/other/" + EngineHost.WebSocketQuery), CancellationToken.None).Within());
        Assert.Equal(HttpStatusCode.NotFound, foreign.HttpStatusCode);

        using var own = new ClientWebSocket();
        await own.ConnectAsync(new Uri(address, "/mine"), CancellationToken.None).Within();
        Assert.Equal("mine", await own.ReadTextAsync());
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddSocketIO();
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static async Task<int> GetAsync(WebApplication app, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(app.Urls.Single() + path).Within();
        return (int)response.StatusCode;
    }
}
