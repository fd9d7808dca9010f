using System.Diagnostics.Metrics;
using Holdfast;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts a bare Engine.IO endpoint.</summary>
public static class EngineIOEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves Engine.IO without Socket.IO on top: sessions over long-polling and WebSocket, messages as text or bytes. The endpoint answers at the path and below
    /// it. Middleware that the application puts before its endpoints (authentication, CORS, rate limits) applies through the returned conventions.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">The path, for example <c>/engine.io</c>, with or without a slash at its end.</param>
    /// <param name="configureOptions">Changes the options; read once, now.</param>
    /// <param name="configure">Says what happens with clients.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IEndpointConventionBuilder MapEngineIO(
        this IEndpointRouteBuilder endpoints,
        string path,
        Action<EngineIOOptions> configureOptions,
        Action<EngineIOEndpoint> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(configureOptions);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new EngineIOOptions();
        configureOptions(options);
        var services = endpoints.ServiceProvider;
        var server = new EngineServer(options, static _ => BareHandler.Instance, CreateServices(services));
        configure(server.Endpoint);
        if (services.GetService<IHostApplicationLifetime>() is { } lifetime)
        {
            lifetime.ApplicationStopping.UnsafeRegister(static server => ((EngineServer)server!).StopAsync(), server);
            lifetime.ApplicationStopped.UnsafeRegister(static server => ((EngineServer)server!).Dispose(), server);
        }

        return MapEngine(endpoints, path, server);
    }

    /// <inheritdoc cref="MapEngineIO(IEndpointRouteBuilder, string, Action{EngineIOOptions}, Action{EngineIOEndpoint})"/>
    public static IEndpointConventionBuilder MapEngineIO(this IEndpointRouteBuilder endpoints, string path, Action<EngineIOEndpoint> configure) =>
        MapEngineIO(endpoints, path, static _ => { }, configure);

    internal static EngineServices CreateServices(IServiceProvider services) => new(
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        services.GetRequiredService<ILoggerFactory>().CreateLogger("Holdfast.Engine"),
        new EngineMeter(services.GetRequiredService<IMeterFactory>().Create(EngineMeter.Name)));

    /// <summary>The engine's own small pipeline brings WebSockets along, so that the application needs no line for them.</summary>
    internal static IEndpointConventionBuilder MapEngine(
        IEndpointRouteBuilder endpoints, string path, EngineServer server, Func<HttpContext, Task?>? serveFile = null)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWhen(server.NeedsPlatform, static platform => platform.UseWebSockets());
        pipeline.Run(serveFile is null ? server.HandleAsync : context => serveFile(context) ?? server.HandleAsync(context));
        return endpoints.Map($"{path.TrimEnd('/')}/{{**rest}}", pipeline.Build()).WithDisplayName($"Engine.IO {path}");
    }
}
