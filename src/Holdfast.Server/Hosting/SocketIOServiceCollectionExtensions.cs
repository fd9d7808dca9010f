using Holdfast;
using Holdfast.Diagnostics;
using Holdfast.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Socket.IO server.</summary>
public static class SocketIOServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="SocketIOServer"/> for this host. Mount it with <c>app.MapSocketIO(...)</c>. The options are checked when the host starts.
    /// </summary>
    public static SocketIOBuilder AddSocketIO(this IServiceCollection services, Action<SocketIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SocketsMeter>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SocketIOOptions>, SocketIOOptionsValidator>());
        services.AddOptions<SocketIOOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(provider => new SocketIOServer(
            provider.GetRequiredService<IOptions<SocketIOOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            EngineIOEndpointRouteBuilderExtensions.CreateServices(provider),
            provider.GetRequiredService<SocketsMeter>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider));
        services.AddHostedService<SocketIOHostedService>();
        return new SocketIOBuilder(services);
    }
}
