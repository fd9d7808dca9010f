using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What other servers call engine.use is ordinary middleware before the endpoint here.</summary>
public class MiddlewareTests
{
    [Fact]
    public async Task Headers_of_a_middleware_reach_every_answer_also_the_101_and_refusals()
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.StrictTransportSecurity = "max-age=600";
            return next(context);
        }));

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);
        var id = EngineHost.SessionIdOf(await open.Content.ReadAsStringAsync());
        using var post = await host.Http.PostAsync(new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4a"));
        using var poll = await host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}");
        using var refused = await host.SendAsync(HttpMethod.Get, "?EIO=4&transport=abc");
        using var direct = await host.OpenRawAsync();
        using var upgrade = await host.OpenRawAsync();

        Assert.All([open, post, poll, refused], response =>
        {
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("max-age=600", response.Headers.GetValues("Strict-Transport-Security").Single());
        });
        Assert.All([await direct.UpgradeAsync(EngineHost.WebSocketQuery), await upgrade.UpgradeAsync($"{EngineHost.WebSocketQuery}&sid={id}")], head =>
        {
            Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
            Assert.Contains("\r\nX-Content-Type-Options: nosniff\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nStrict-Transport-Security: max-age=600\r\n", head, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Middlewares_run_in_the_order_in_which_they_were_added_and_before_the_endpoint()
    {
        var order = new List<string>();
        await using var host = await EngineHost.StartAsync(
            options => options.AllowRequest = _ =>
            {
                order.Add("endpoint");
                return Task.FromResult(true);
            },
            middleware: app =>
            {
                app.Use(async (context, next) =>
                {
                    order.Add("first");
                    await next(context);
                });
                app.Use(async (context, next) =>
                {
                    await Task.Yield();
                    order.Add("second");
                    await next(context);
                });
            });

        await host.OpenPollingAsync();

        Assert.Equal(["first", "second", "endpoint"], order);
    }

    [Fact]
    public async Task A_middleware_can_end_a_request()
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }));
        var errors = 0;
        host.Endpoint.OnConnectionError(_ => errors++);
        using var raw = await host.OpenRawAsync();

        Assert.Equal((503, ""), await host.GetAsync(EngineHost.PollingQuery));
        Assert.StartsWith("HTTP/1.1 503 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);

        Assert.Equal((0, 0), (host.Endpoint.ClientsCount, errors));
    }

    [Fact]
    public async Task A_middleware_that_fails_is_answered_by_the_host_and_nobody_is_connected()
    {
        await using var host = await EngineHost.StartAsync(middleware: app =>
        {
            app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                SuppressDiagnosticsCallback = _ => true,
                ExceptionHandler = context => context.Response.WriteAsync("the host's own page"),
            });
            app.Run(_ => throw new InvalidOperationException("oops"));
        });
        using var raw = await host.OpenRawAsync();

        Assert.Equal((500, "the host's own page"), await host.GetAsync(EngineHost.PollingQuery));
        Assert.StartsWith("HTTP/1.1 500 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);

        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    [Fact]
    public async Task A_session_cookie_is_set_on_the_polling_handshake_and_on_the_101()
    {
        await using var host = await EngineHost.StartAsync(
            // As AddSession does, but with keys that no file remembers.
            services: services => services
                .AddDistributedMemoryCache()
                .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
                .AddTransient<ISessionStore, DistributedSessionStore>()
                .Configure<SessionOptions>(options => options.Cookie.Name = "visit"),
            middleware: app =>
            {
                app.UseSession();
                app.Use((context, next) =>
                {
                    context.Session.SetString("seen", "yes");
                    return next(context);
                });
            });
        using var raw = await host.OpenRawAsync();

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);
        var direct = await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.StartsWith("visit=", open.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Contains("\r\nSet-Cookie: visit=", direct, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_middleware_does_not_change_what_a_body_may_hold()
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 100, middleware: app => app.Use((context, next) => next(context)));
        var (id, session) = await host.OpenPollingAsync();

        Assert.Equal(413, (await host.PostAsync(id, new string('4', 101))).Status);
        Assert.Equal((200, "ok"), await host.PostAsync(id, new string('4', 100)));
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task Middlewares_see_each_request_of_every_transport()
    {
        var seen = new List<string>();
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use((context, next) =>
        {
            lock (seen)
            {
                seen.Add($"{context.Request.Method} {context.Request.Query["transport"]}");
            }

            return next(context);
        }));

        var (id, _) = await host.OpenPollingAsync();
        await host.PostAsync(id, "4a");
        await host.PollAsync(id);
        var (socket, _) = await host.OpenWebSocketAsync();
        await socket.SendTextAsync("4a");
        Assert.Equal("4a", await socket.ReadTextAsync());
        socket.Dispose();

        Assert.Equal(["GET polling", "POST polling", "GET polling", "GET websocket"], seen);
    }
}
