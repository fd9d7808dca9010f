using System.Net;
using System.Net.Sockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

/// <summary>The engine in an application: what it takes of it and what it leaves alone.</summary>
public class MountingTests
{
    private const string ForeignUpgrade = "Connection: Upgrade\r\nUpgrade: IRC/6.9\r\n";

    [Fact]
    public async Task An_endpoint_needs_no_options()
    {
        await using var app = await StartAsync(app => app.MapEngineIO("/engine.io", _ => { }));
        using var http = new HttpClient();

        var open = await http.GetStringAsync($"{app.Urls.Single()}/engine.io/{EngineHost.PollingQuery}");

        Assert.EndsWith(
            "\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}", open, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_the_engine_the_application_answers_as_before()
    {
        await using var app = await StartAsync(app =>
        {
            app.MapGet("/", () => "hello");
            app.MapGet("/engine.io.html", () => "a page");
            app.MapEngineIO("/engine.io", _ => { });
        });
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var unknown = await http.GetAsync(new Uri("/engine.io/", UriKind.Relative));
        using var elsewhere = await http.GetAsync(new Uri("/elsewhere" + EngineHost.PollingQuery, UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Equal("""{"code":0,"message":"Transport unknown"}""", await unknown.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        Assert.Equal("hello", await http.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal("a page", await http.GetStringAsync(new Uri("/engine.io.html", UriKind.Relative)));
    }

    [Fact]
    public async Task What_mapping_gives_back_takes_conventions()
    {
        await using var app = await StartAsync(app => app.MapEngineIO("/engine.io", _ => { }).RequireHost("engine.example"));
        using var http = new HttpClient();
        var address = new Uri($"{app.Urls.Single()}/engine.io/{EngineHost.PollingQuery}");
        using var right = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = "engine.example" } };

        using var answered = await http.SendAsync(right);
        using var passedOver = await http.GetAsync(address);

        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, passedOver.StatusCode);
    }

    [Fact]
    public async Task An_upgrade_that_nobody_handles_is_refused_and_its_connection_goes_on()
    {
        await using var app = await StartAsync(app =>
        {
            app.MapGet("/hello", () => "hello");
            app.MapEngineIO("/engine.io", _ => { });
        });
        using var raw = await RawConnection.OpenAsync(new Uri(app.Urls.Single()));

        await raw.SendRequestAsync("GET", "", ForeignUpgrade);
        var refusal = await raw.ReadHeadAsync();
        await raw.SendRequestAsync("GET", "hello", "Connection: close\r\n");

        Assert.StartsWith("HTTP/1.1 404 ", refusal, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_request_behind_a_refused_upgrade_ends_the_connection()
    {
        await using var app = await StartAsync(app => app.MapEngineIO("/engine.io", _ => { }));
        using var raw = await RawConnection.OpenAsync(new Uri(app.Urls.Single()));

        await raw.SendRequestAsync("GET", "", ForeignUpgrade);
        Assert.StartsWith("HTTP/1.1 404 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        await raw.SendAsync("NICK foo\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_that_the_application_handles_is_left_to_it()
    {
        await using var app = await StartAsync(app =>
        {
            app.Use(async (context, next) =>
            {
                if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade || context.Request.Headers.Upgrade != "IRC/6.9")
                {
                    await next(context);
                    return;
                }

                await using var stream = await upgrade.UpgradeAsync();
                await stream.WriteAsync("foo"u8.ToArray());
                var heard = new byte[3];
                await stream.ReadExactlyAsync(heard);
                await stream.WriteAsync(heard);
            });
            app.MapEngineIO("/engine.io", _ => { });
        });
        using var raw = await RawConnection.OpenAsync(new Uri(app.Urls.Single()));

        await raw.SendRequestAsync("GET", "", ForeignUpgrade);
        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("foo", await raw.ReadTextAsync(3));
        await raw.SendAsync("bar");
        Assert.Equal("bar", await raw.ReadTextAsync(3));
    }

    [Fact]
    public async Task Clients_get_in_again_when_the_web_server_listens_again()
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = await StartAndStopAsync();
            try
            {
                var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var app = await StartAsync(
                    app => app.MapEngineIO("/engine.io", engine => engine.OnConnection(socket =>
                    {
                        socket.OnClose((reason, _) => closed.SetResult(reason.ToString()));
                        socket.Close();
                    })),
                    port);
                using var raw = await RawConnection.OpenAsync(new Uri(app.Urls.Single() + "/engine.io/"));
                Assert.StartsWith("HTTP/1.1 101 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);
                Assert.StartsWith("1:0{", await raw.ReadFrameAsync(), StringComparison.Ordinal);
                Assert.Equal("8:1000", await raw.ReadFrameAsync());
                Assert.Equal("forced close", await closed.Task.Within());
                return;
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException && attempt < 5)
            {
                // Somebody else was given the port in between.
            }
        }

        static async Task<int> StartAndStopAsync()
        {
            await using var app = await StartAsync(app => app.MapEngineIO("/engine.io", _ => { }));
            using var raw = await RawConnection.OpenAsync(new Uri(app.Urls.Single() + "/engine.io/"));
            Assert.StartsWith("HTTP/1.1 101 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);
            Assert.StartsWith("1:0{", await raw.ReadFrameAsync(), StringComparison.Ordinal);
            var port = new Uri(app.Urls.Single()).Port;

            await app.StopAsync().Within();

            Assert.Equal("8:1000", await raw.ReadFrameAsync());
            await Assert.ThrowsAnyAsync<SocketException>(() => RawConnection.OpenAsync(new Uri($"http://127.0.0.1:{port}")));
            return port;
        }
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }
}
