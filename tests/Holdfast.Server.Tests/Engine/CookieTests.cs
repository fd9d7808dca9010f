using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Tests.Engine;

public class CookieTests
{
    [Fact]
    public async Task The_affinity_cookie_has_the_values_of_other_servers_and_the_sessions_id()
    {
        await using var host = await EngineHost.StartAsync(options => options.Cookie = new AffinityCookieBuilder());

        var (id, cookie) = await HandshakeAsync(host);

        Assert.Equal($"io={id}; path=/; samesite=lax; httponly", cookie);
    }

    [Fact]
    public async Task Without_the_option_there_is_no_cookie()
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Null((await HandshakeAsync(host)).Cookie);
    }

    [Fact]
    public async Task Each_value_of_the_cookie_can_be_changed()
    {
        Assert.Equal("node=ID; path=/; samesite=lax; httponly", await CookieAsync(cookie => cookie.Name = "node"));
        Assert.Equal("io=ID; path=/custom; samesite=lax; httponly", await CookieAsync(cookie => cookie.Path = "/custom"));
        Assert.Equal("io=ID; path=/; samesite=lax", await CookieAsync(cookie => cookie.HttpOnly = false));
        Assert.Equal("io=ID; path=/; samesite=strict; httponly", await CookieAsync(cookie => cookie.SameSite = SameSiteMode.Strict));
        Assert.Equal("io=ID; max-age=60; path=/; secure; samesite=none; httponly", await CookieAsync(cookie =>
        {
            cookie.SameSite = SameSiteMode.None;
            cookie.SecurePolicy = CookieSecurePolicy.Always;
            cookie.MaxAge = TimeSpan.FromMinutes(1);
        }));
    }

    [Fact]
    public async Task A_path_of_no_characters_leaves_the_path_out()
    {
        Assert.Equal("io=ID; samesite=lax; httponly", await CookieAsync(cookie => cookie.Path = ""));
    }

    [Fact]
    public async Task Only_the_answer_to_the_polling_handshake_carries_the_cookie()
    {
        await using var host = await EngineHost.StartAsync(options => options.Cookie = new AffinityCookieBuilder());
        var (id, _) = await HandshakeAsync(host);

        using var post = await host.Http.PostAsync(new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4a"));
        using var poll = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}");
        using var refused = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid=unknown");
        using var raw = await host.OpenRawAsync();
        var direct = await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.Equal("4a", await poll.Content.ReadAsStringAsync());
        Assert.All([post, poll, refused], response => Assert.False(response.Headers.Contains("Set-Cookie")));
        Assert.StartsWith("HTTP/1.1 101", direct, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", direct, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string?> CookieAsync(Action<AffinityCookieBuilder> change)
    {
        var builder = new AffinityCookieBuilder();
        change(builder);
        await using var host = await EngineHost.StartAsync(options => options.Cookie = builder);
        var (id, cookie) = await HandshakeAsync(host);
        return cookie?.Replace(id, "ID", StringComparison.Ordinal);
    }

    private static async Task<(string Id, string? Cookie)> HandshakeAsync(EngineHost host)
    {
        using var response = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);
        var id = EngineHost.SessionIdOf(await response.Content.ReadAsStringAsync());
        return (id, response.Headers.TryGetValues("Set-Cookie", out var cookies) ? Assert.Single(cookies) : null);
    }
}
