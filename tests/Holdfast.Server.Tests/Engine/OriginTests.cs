using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Engine;

public class OriginTests
{
    [Theory]
    [InlineData("http://{host}", 101)]
    [InlineData("https://{host}", 101)] // behind a proxy that ends TLS
    [InlineData("http://evil.example", 403)]
    [InlineData("http://127.0.0.1:1", 403)]
    [InlineData("http://127.0.0.1", 403)]
    [InlineData("null", 403)]
    [InlineData("nonsense", 403)]
    public async Task Only_the_servers_own_pages_may_open_a_WebSocket(string origin, int status)
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Equal(status, await UpgradeAsync(host, origin));
    }

    [Fact]
    public async Task A_refused_origin_is_told_which_option_would_allow_it()
    {
        await using var host = await EngineHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, EngineHost.WebSocketQuery));
        request.Headers.Add("Origin", "http://evil.example");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");

        using var response = await host.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();

        Assert.Equal(403, (int)response.StatusCode);
        Assert.StartsWith("""{"code":4,"message":"Forbidden""", body, StringComparison.Ordinal);
        Assert.Contains("EngineIOOptions.AllowedOrigins", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example", 101)]
    [InlineData("https://app.example", "https://APP.example", 101)]
    [InlineData("https://app.example", "https://other.example", 403)]
    [InlineData("*", "https://other.example", 101)]
    public async Task The_options_allow_other_origins(string allowed, string origin, int status)
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowedOrigins.Add(allowed));

        Assert.Equal(status, await UpgradeAsync(host, origin));
    }

    [Theory]
    [InlineData("https://app.example", 101)]
    [InlineData("https://other.example", 403)]
    public async Task The_endpoints_CORS_policy_allows_its_origins(string origin, int status)
    {
        await using var direct = await EngineHost.StartAsync(
            services: services => services.AddCors(),
            middleware: app => app.UseRouting().UseCors(),
            conventions: endpoint => endpoint.RequireCors(policy => policy.WithOrigins("https://app.example")));
        await using var named = await EngineHost.StartAsync(
            services: services => services.AddCors(cors => cors.AddPolicy("pages", policy => policy.WithOrigins("https://app.example"))),
            middleware: app => app.UseRouting().UseCors(),
            conventions: endpoint => endpoint.RequireCors("pages"));

        Assert.Equal(status, await UpgradeAsync(direct, origin));
        Assert.Equal(status, await UpgradeAsync(named, origin));
    }

    [Fact]
    public async Task A_preflight_request_is_answered_by_the_CORS_middleware()
    {
        await using var host = await EngineHost.StartAsync(
            services: services => services.AddCors(),
            middleware: app => app.UseRouting().UseCors(),
            conventions: endpoint => endpoint.RequireCors(policy => policy.AllowAnyOrigin()));
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(host.Address, EngineHost.PollingQuery));
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Theory]
    [InlineData("?EIO=4&transport=websocket", 3, "Bad request")]
    [InlineData("?EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown")]
    public async Task A_refusal_carries_the_CORS_headers_so_that_the_page_can_read_it(string query, int code, string message)
    {
        await using var host = await EngineHost.StartAsync(
            services: services => services.AddCors(),
            middleware: app => app.UseRouting().UseCors(),
            conventions: endpoint => endpoint.RequireCors(policy => policy.WithOrigins("https://app.example").AllowCredentials()));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, query));
        request.Headers.Add("Origin", "https://app.example");

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal($$"""{"code":{{code}},"message":"{{message}}"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("https://app.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("true", response.Headers.GetValues("Access-Control-Allow-Credentials").Single());
    }

    [Fact]
    public async Task A_session_of_a_user_is_closed_to_others()
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            if (context.Request.Headers["X-User"] is [{ } name])
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "test"));
            }

            return next(context);
        }));
        host.Http.DefaultRequestHeaders.Add("X-User", "ann");
        var (id, session) = await host.OpenPollingAsync();
        Assert.Equal("ann", session.Session.Handshake.User.FindFirst(ClaimTypes.NameIdentifier)!.Value);

        foreach (var other in new[] { "bob", null })
        {
            host.Http.DefaultRequestHeaders.Remove("X-User");
            host.Http.DefaultRequestHeaders.Add("X-User", other is null ? [] : [other]);
            Assert.Equal((403, """{"code":4,"message":"Forbidden: the session belongs to another user"}"""), await host.PostAsync(id, "4forged"));
        }

        host.Http.DefaultRequestHeaders.Remove("X-User");
        host.Http.DefaultRequestHeaders.Add("X-User", "ann");
        await host.PostAsync(id, "4mine");
        Assert.Equal((200, "4mine"), await host.PollAsync(id));
    }

    private static async Task<int> UpgradeAsync(EngineHost host, string origin)
    {
        using var raw = await host.OpenRawAsync();
        var head = await raw.UpgradeAsync(EngineHost.WebSocketQuery, $"Origin: {origin.Replace("{host}", host.Address.Authority, StringComparison.Ordinal)}\r\n");
        return int.Parse(head.Split(' ')[1]);
    }
}
