using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>The first request of a page from another origin, and of a client that the application may not want.</summary>
public class HandshakeRequestTests
{
    private const string Origin = "https://app.example.com";
    private const string Handshake = "/socket.io/?EIO=4&transport=polling";

    [Fact]
    public async Task A_preflight_is_answered_by_the_endpoints_CORS_policy()
    {
        await using var host = await StartAsync();

        var (answer, body) = await host.SendAsync(
            HttpMethod.Options, Handshake, ("Origin", Origin), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-token"));

        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Empty(body);
        Assert.Equal(Origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("GET,POST", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("x-token", Header(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task The_handshake_carries_the_headers_of_the_CORS_policy_and_so_does_a_refusal()
    {
        await using var host = await StartAsync();

        foreach (var (query, status) in ((string, int)[])[(Handshake, 200), ("/socket.io/?EIO=4&transport=none", 400)])
        {
            var (answer, _) = await host.GetAsync(query, ("Origin", Origin));
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal((Origin, "true"), (Header(answer, "Access-Control-Allow-Origin"), Header(answer, "Access-Control-Allow-Credentials")));
        }
        var (foreign, _) = await host.GetAsync(Handshake, ("Origin", "https://evil.example.com"));
        Assert.Equal("", Header(foreign, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_client_that_the_application_allows_gets_in()
    {
        await using var host = await WebHost.StartAsync(o => o.AllowRequest = http => Task.FromResult(http.Request.Headers.UserAgent == "welcome"));

        var (answer, body) = await host.GetAsync(Handshake, ("User-Agent", "welcome"));

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.StartsWith("0{\"sid\":\"", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_the_application_does_not_allow_is_forbidden()
    {
        await using var host = await WebHost.StartAsync(o => o.AllowRequest = http => Task.FromResult(http.Request.Headers.UserAgent == "welcome"));

        var (answer, body) = await host.GetAsync(Handshake, ("User-Agent", "other"));

        Assert.Equal((403, """{"code":4,"message":"Forbidden"}"""), ((int)answer.StatusCode, Encoding.UTF8.GetString(body)));
    }

    private static Task<WebHost> StartAsync() => WebHost.StartAsync(
        services =>
        {
            services.AddCors();
            services.AddSocketIO();
        },
        app =>
        {
            app.UseCors();
            app.MapSocketIO(_ => { }).RequireCors(Allow);
        });

    private static void Allow(CorsPolicyBuilder policy) => policy.WithOrigins(Origin).WithMethods("GET", "POST").WithHeaders("x-token").AllowCredentials();

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : "";
}
