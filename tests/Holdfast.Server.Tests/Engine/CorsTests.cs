using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

/// <summary>CORS is that of ASP.NET Core: for the endpoint by RequireCors, for the whole host by UseCors.</summary>
public class CorsTests
{
    private const string Page = "https://app.example";

    [Fact]
    public async Task A_preflight_gets_204_and_what_the_policy_allows()
    {
        await using var host = await StartAsync();

        using var response = await host.SendAsync(
            HttpMethod.Options, EngineHost.PollingQuery, ("Origin", Page), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-token"));

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(Page, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(response, "Access-Control-Allow-Credentials"));
        Assert.Equal("GET,POST", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("x-token", Header(response, "Access-Control-Allow-Headers"));
        Assert.Equal("600", Header(response, "Access-Control-Max-Age"));
        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    [Fact]
    public async Task Every_answer_to_an_allowed_page_carries_the_headers_also_refusals_and_the_101()
    {
        await using var host = await StartAsync();

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery, ("Origin", Page));
        var id = EngineHost.SessionIdOf(await open.Content.ReadAsStringAsync());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}")) { Content = new StringContent("4a") };
        request.Headers.Add("Origin", Page);
        using var post = await host.Http.SendAsync(request).Within();
        using var poll = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}", ("Origin", Page));
        using var refused = await host.SendAsync(HttpMethod.Get, "?EIO=4&transport=websocket", ("Origin", Page));
        using var raw = await host.OpenRawAsync();
        var upgrade = await raw.UpgradeAsync(EngineHost.WebSocketQuery, $"Origin: {Page}\r\n");

        Assert.Equal("""{"code":3,"message":"Bad request"}""", await refused.Content.ReadAsStringAsync());
        Assert.Equal("4a", await poll.Content.ReadAsStringAsync());
        Assert.All([open, post, poll, refused], response =>
        {
            Assert.Equal(Page, Header(response, "Access-Control-Allow-Origin"));
            Assert.Equal("true", Header(response, "Access-Control-Allow-Credentials"));
            Assert.Equal("x-answer", Header(response, "Access-Control-Expose-Headers"));
        });
        Assert.StartsWith("HTTP/1.1 101", upgrade, StringComparison.Ordinal);
        Assert.Contains($"\r\nAccess-Control-Allow-Origin: {Page}\r\n", upgrade, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_pages_and_hosts_without_CORS_get_no_headers()
    {
        await using var host = await StartAsync();
        await using var none = await EngineHost.StartAsync();

        using var other = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery, ("Origin", "https://other.example"));
        using var plain = await none.SendAsync(HttpMethod.Get, EngineHost.PollingQuery, ("Origin", Page));

        Assert.All([other, plain], response => Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Page, 101)]
    [InlineData("https://other.example", 403)]
    public async Task The_hosts_default_policy_counts_for_WebSockets_where_the_endpoint_names_none(string origin, int status)
    {
        await using var host = await EngineHost.StartAsync(
            services: services => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins(Page))),
            middleware: app => app.UseCors());
        using var raw = await host.OpenRawAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", await raw.UpgradeAsync(EngineHost.WebSocketQuery, $"Origin: {origin}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_policy_does_not_count_where_the_endpoint_names_its_own_or_none_at_all()
    {
        Assert.Equal("HTTP/1.1 403", await UpgradeAsync(endpoint => endpoint.RequireCors(policy => policy.WithOrigins("https://other.example"))));
        Assert.Equal("HTTP/1.1 403", await UpgradeAsync(endpoint => endpoint.WithMetadata(new Microsoft.AspNetCore.Cors.DisableCorsAttribute())));

        static async Task<string> UpgradeAsync(Action<IEndpointConventionBuilder> conventions)
        {
            await using var host = await EngineHost.StartAsync(
                services: services => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins(Page))),
                middleware: app => app.UseRouting().UseCors(),
                conventions: conventions);
            using var raw = await host.OpenRawAsync();
            return (await raw.UpgradeAsync(EngineHost.WebSocketQuery, $"Origin: {Page}\r\n"))[..12];
        }
    }

    [Fact]
    public async Task The_client_files_of_a_Socket_IO_server_carry_the_headers_too()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "socket.io.js"), "// client");
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Services.AddCors();
            builder.Services.AddSocketIO(options => options.ClientFiles = folder.FullName);
            await using var app = builder.Build();
            app.UseRouting();
            app.UseCors();
            app.MapSocketIO(_ => { }).RequireCors(policy => policy.WithOrigins(Page));
            await app.StartAsync();
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single() + "/socket.io/socket.io.js");
            request.Headers.Add("Origin", Page);

            using var response = await http.SendAsync(request).Within();

            Assert.Equal("// client", await response.Content.ReadAsStringAsync());
            Assert.Equal(Page, Header(response, "Access-Control-Allow-Origin"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<EngineHost> StartAsync() => EngineHost.StartAsync(
        services: services => services.AddCors(),
        middleware: app => app.UseRouting().UseCors(),
        conventions: endpoint => endpoint.RequireCors(policy => policy
            .WithOrigins(Page)
            .WithMethods("GET", "POST")
            .WithHeaders("x-token")
            .WithExposedHeaders("x-answer")
            .AllowCredentials()
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
