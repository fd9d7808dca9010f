using System.Net;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>The places at which an application can put the server.</summary>
public class MountTests
{
    [Theory]
    [InlineData("/realtime")]
    [InlineData("/realtime/")]
    [InlineData("realtime")]
    [InlineData("/a/b/c")]
    [InlineData("/{tenant}/socket.io")]
    public async Task The_server_answers_at_its_path_and_nowhere_else(string path)
    {
        await using var host = await StartAsync(app => app.MapSocketIO(path, Conversation.Serve));
        var place = "/" + path.Trim('/').Replace("{tenant}", "acme", StringComparison.Ordinal);

        await Conversation.OverBothAsync(host.Http, place + "/");
        await Conversation.OverBothAsync(host.Http, place);
        await Conversation.OverBothAsync(host.Http, place + "/anything/below");

        Assert.Equal(404, (int)(await host.GetAsync("/socket.io/?EIO=4&transport=polling")).Answer.StatusCode);
        Assert.Equal(404, (int)(await host.GetAsync(place + "x/?EIO=4&transport=polling")).Answer.StatusCode);
    }

    [Fact]
    public async Task At_the_root_it_leaves_the_applications_own_endpoints_alone()
    {
        await using var host = await StartAsync(app =>
        {
            app.MapGet("/health", () => "fine");
            app.MapSocketIO("/", Conversation.Serve);
        });

        await Conversation.OverBothAsync(host.Http, "/");
        Assert.Equal("fine", await host.Http.GetStringAsync("/health").Within());
    }

    [Fact]
    public async Task A_group_of_routes_gives_it_its_prefix_and_its_conventions()
    {
        await using var host = await WebHost.StartAsync(
            services =>
            {
                services.AddCors();
                services.AddSocketIO();
            },
            app =>
            {
                app.UseCors();
                app.MapGroup("/api").RequireCors(policy => policy.WithOrigins("https://app.example.com")).MapGroup("v1").MapSocketIO(Conversation.Serve);
            });

        await Conversation.OverBothAsync(host.Http, "/api/v1/socket.io/");
        var (answer, _) = await host.GetAsync("/api/v1/socket.io/?EIO=4&transport=polling", ("Origin", "https://app.example.com"));
        Assert.Equal("https://app.example.com", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Below_a_path_base_it_answers_as_everything_else_does()
    {
        await using var host = await StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapSocketIO(Conversation.Serve);
        });

        await Conversation.OverBothAsync(host.Http, "/base/socket.io/");
    }

    [Fact]
    public async Task One_server_listens_on_several_addresses()
    {
        await using var host = await WebHost.StartAsync(
            services => services.AddSocketIO(),
            app => app.MapSocketIO(Conversation.Serve),
            kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0);
            });

        Assert.Equal(2, host.App.Urls.Count);
        foreach (var address in host.App.Urls)
        {
            using var http = new HttpClient { BaseAddress = new Uri(address) };
            await Conversation.OverBothAsync(http, "/socket.io/");
        }
    }

    [Fact]
    public async Task The_address_may_be_said_when_the_application_runs()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSocketIO();
        await using var app = builder.Build();
        app.MapSocketIO(Conversation.Serve);
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);

        var run = app.RunAsync("http://127.0.0.1:0");
        await started.Task.Within();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await Conversation.OverBothAsync(http, "/socket.io/");

        app.Lifetime.StopApplication();
        await run.Within();
    }

    [Fact]
    public async Task It_may_be_set_up_and_used_before_it_is_mounted()
    {
        using var folder = new ClientFolder();
        await using var host = await WebHost.StartAsync(
            services => services.AddSocketIO(o => o.ClientFiles = folder.Path),
            app =>
            {
                var io = app.Services.GetRequiredService<SocketIOServer>();
                Conversation.Serve(io);
                Assert.True(io.EmitAsync("to nobody").IsCompletedSuccessfully);
                app.MapSocketIO(mounted => Assert.Same(io, mounted));
            });

        await Conversation.OverBothAsync(host.Http, "/socket.io/");
        Assert.Equal(200, (int)(await host.GetAsync("/socket.io/socket.io.js")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_host_with_a_pipeline_of_its_own_mounts_it_too()
    {
        using var host = new HostBuilder().ConfigureWebHost(web => web
            .UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0))
            .ConfigureServices(services =>
            {
                services.AddRouting();
                services.AddSocketIO();
            })
            .Configure(app => app.UseRouting().UseEndpoints(endpoints => endpoints.MapSocketIO(Conversation.Serve)))).Build();
        await host.StartAsync().Within();
        var addresses = host.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!;
        using var http = new HttpClient { BaseAddress = new Uri(addresses.Addresses.Single()) };

        await Conversation.OverBothAsync(http, "/socket.io/");
        await host.StopAsync().Within();
    }

    [Fact]
    public async Task An_application_with_WebSockets_of_its_own_keeps_them()
    {
        await using var host = await StartAsync(app =>
        {
            app.UseWebSockets();
            app.Map("/own", async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync("mine"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
                await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            });
            app.MapSocketIO(Conversation.Serve);
        });
        using var own = new System.Net.WebSockets.ClientWebSocket();
        await own.ConnectAsync(new Uri(host.Address.Replace("http", "ws", StringComparison.Ordinal) + "/own"), default).Within();
        var buffer = new byte[10];

        Assert.Equal(4, (await own.ReceiveAsync(buffer.AsMemory(), default).Within()).Count);
        await Conversation.OverBothAsync(host.Http, "/socket.io/");
    }

    [Fact]
    public async Task What_several_parts_of_an_application_say_of_the_options_adds_up()
    {
        await using var host = await WebHost.StartAsync(
            services =>
            {
                services.AddSocketIO(o => o.PingTimeout = TimeSpan.FromSeconds(6));
                services.AddSocketIO(o => o.PingInterval = TimeSpan.FromSeconds(24));
                services.PostConfigure<SocketIOOptions>(o => o.MaxHttpBufferSize = 1234);
            },
            app => app.MapSocketIO(_ => { }));

        var (_, body) = await host.GetAsync("/socket.io/?EIO=4&transport=polling");

        Assert.Contains("\"pingInterval\":24000,\"pingTimeout\":6000,\"maxPayload\":1234}", System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_can_not_be_mounted_the_message_says_why()
    {
        await using var twice = await StartAsync(app => app.MapSocketIO(_ => { }));
        Assert.Contains("use namespaces", Assert.Throws<InvalidOperationException>(() => twice.App.MapSocketIO("/other", _ => { })).Message, StringComparison.Ordinal);

        await using var never = await WebHost.StartAsync((IServiceCollection _) => { }, (WebApplication _) => { });
        Assert.Contains("builder.Services.AddSocketIO()", Assert.Throws<InvalidOperationException>(() => never.App.MapSocketIO(_ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_mounted_nowhere_does_no_harm()
    {
        await using var host = await WebHost.StartAsync(services => services.AddSocketIO(), _ => { });

        await host.Io.EmitAsync("to nobody").Within();

        await host.App.StopAsync().Within();
    }

    private static Task<WebHost> StartAsync(Action<WebApplication> build) => WebHost.StartAsync(services => services.AddSocketIO(), build);
}
