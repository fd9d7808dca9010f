using System.Net;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>An application as its author writes it, on a free port of the loopback. A warning in its log fails the test.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly StrictLog _log;

    private WebHost(WebApplication app, StrictLog log)
    {
        (App, _log) = (app, log);
        Http.BaseAddress = new Uri(Address);
    }

    public WebApplication App { get; }

    public string Address => App.Urls.First();

    public HttpClient Http { get; } = new();

    public SocketIOServer Io => App.Services.GetRequiredService<SocketIOServer>();

    /// <summary>The application with the server at its usual place.</summary>
    public static Task<WebHost> StartAsync(Action<SocketIOOptions> options, Action<IEndpointConventionBuilder>? conventions = null) => StartAsync(
        services => services.AddSocketIO(options),
        app =>
        {
            var endpoint = app.MapSocketIO(_ => { });
            conventions?.Invoke(endpoint);
        });

    public static async Task<WebHost> StartAsync(
        Action<IServiceCollection> services, Action<WebApplication> build, Action<KestrelServerOptions>? kestrel = null, string? contentRoot = null)
    {
        var log = new StrictLog();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = contentRoot });
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel ?? (options => options.Listen(IPAddress.Loopback, 0)));
        builder.Logging.ClearProviders().AddProvider(log);
        services(builder.Services);
        var app = builder.Build();
        build(app);
        await app.StartAsync().Within();
        return new WebHost(app, log);
    }

    /// <summary>The answer, with its body as bytes that nobody has decompressed.</summary>
    public async Task<(HttpResponseMessage Answer, byte[] Body)> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        var answer = await Http.SendAsync(request).Within();
        return (answer, await answer.Content.ReadAsByteArrayAsync());
    }

    public Task<(HttpResponseMessage Answer, byte[] Body)> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
        Assert.True(_log.Complaints.IsEmpty, string.Join('\n', _log.Complaints));
    }
}
