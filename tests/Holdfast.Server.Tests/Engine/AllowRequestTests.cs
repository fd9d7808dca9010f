using Holdfast.Testing;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Tests.Engine;

public class AllowRequestTests
{
    [Fact]
    public async Task A_client_that_may_not_come_gets_code_4()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = _ => Task.FromResult(false));

        using var response = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal("""{"code":4,"message":"Forbidden"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    [Fact]
    public async Task A_refusal_may_say_why()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = Refuse("""no "guests" today"""));

        Assert.Equal((403, """{"code":4,"message":"no \u0022guests\u0022 today"}"""), await host.GetAsync(EngineHost.PollingQuery));
    }

    [Fact]
    public async Task On_a_WebSocket_handshake_the_refusal_is_plain_and_ends_the_connection()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = Refuse("no <guests>"));
        using var raw = await host.OpenRawAsync();

        var head = await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/html\r\n", head, StringComparison.Ordinal);
        Assert.Equal("no &lt;guests&gt;", await raw.ReadToEndAsync());
        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    [Fact]
    public async Task A_client_is_asked_about_once_and_only_when_it_comes()
    {
        var asked = new List<string>();
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = async context =>
        {
            await Task.Yield();
            lock (asked)
            {
                asked.Add(context.Request.Query["transport"]!);
            }

            return true;
        });

        var (id, _) = await host.OpenPollingAsync();
        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id));
        using var probe = await host.ConnectAsync($"{EngineHost.WebSocketQuery}&sid={id}");
        await probe.SendTextAsync("2probe");
        Assert.Equal("3probe", await probe.ReadTextAsync());
        var (direct, _) = await host.OpenWebSocketAsync();
        direct.Dispose();

        Assert.Equal(["polling", "websocket"], asked);
    }

    [Fact]
    public async Task Requests_that_are_wrong_anyway_are_not_asked_about()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = _ => throw new InvalidOperationException("asked"));

        Assert.Equal((400, """{"code":0,"message":"Transport unknown"}"""), await host.GetAsync("?EIO=4&transport=tube"));
        using var post = await host.SendAsync(HttpMethod.Post, EngineHost.PollingQuery);
        Assert.Equal("""{"code":2,"message":"Bad handshake method"}""", await post.Content.ReadAsStringAsync());
        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.GetAsync(EngineHost.WebSocketQuery));
    }

    [Fact]
    public async Task The_application_is_asked_before_the_protocols_version_is_looked_at()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = _ => Task.FromResult(false));

        Assert.Equal((403, """{"code":4,"message":"Forbidden"}"""), await host.GetAsync("?EIO=2&transport=polling"));
    }

    [Fact]
    public async Task Another_exception_is_logged_and_tells_the_client_nothing()
    {
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = _ => throw new InvalidOperationException("the database is at 10.0.0.7"));
        host.ExpectedComplaints = 1;

        Assert.Equal((403, """{"code":4,"message":"Forbidden"}"""), await host.GetAsync(EngineHost.PollingQuery));

        Assert.StartsWith("Error: The application's AllowRequest failed; the client is refused. System.InvalidOperationException: the database is at 10.0.0.7", Assert.Single(host.Log.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_is_asked_about_is_nobodys_fault()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await EngineHost.StartAsync(options => options.AllowRequest = async context =>
        {
            var gone = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = context.RequestAborted.Register(() => gone.SetCanceled(context.RequestAborted));
            asked.SetResult();
            try
            {
                return await gone.Task.Within();
            }
            finally
            {
                left.SetResult();
            }
        });
        using (var raw = await host.OpenRawAsync())
        {
            await raw.SendRequestAsync("GET", EngineHost.PollingQuery);
            await asked.Task.Within();
            raw.Reset();
        }

        await left.Task.Within();
        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    private static Func<HttpContext, Task<bool>> Refuse(string message) => async _ =>
    {
        await Task.Yield();
        throw new ConnectRejectedException(message);
    };
}
