using System.Diagnostics.CodeAnalysis;
using Holdfast;
using Holdfast.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the Socket.IO server.</summary>
public static class SocketIOEndpointRouteBuilderExtensions
{
    /// <summary>Mounts the host's Socket.IO server at <c>/socket.io</c>, the path that clients use by default.</summary>
    /// <inheritdoc cref="MapSocketIO(IEndpointRouteBuilder, string, Action{SocketIOServer})"/>
    public static IEndpointConventionBuilder MapSocketIO(this IEndpointRouteBuilder endpoints, Action<SocketIOServer> configure) =>
        MapSocketIO(endpoints, "/socket.io", configure);

    /// <summary>
    /// Mounts the host's Socket.IO server at a path and everything below it, and sets up its namespaces and handlers. What is returned takes ordinary endpoint conventions,
    /// such as <c>RequireAuthorization</c>, <c>RequireCors</c> and <c>RequireRateLimiting</c>: they hold for every request of every transport.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddSocketIO</c> was not called, or the server is mounted already.</exception>
    public static IEndpointConventionBuilder MapSocketIO(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string path, Action<SocketIOServer> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(configure);
        var io = endpoints.ServiceProvider.GetService<SocketIOServer>()
            ?? throw new InvalidOperationException("MapSocketIO needs builder.Services.AddSocketIO() before builder.Build().");
        io.Mount(path);
        configure(io);
        var root = endpoints.ServiceProvider.GetService<IHostEnvironment>()?.ContentRootPath ?? Environment.CurrentDirectory;
        var files = io.Options.ClientFiles is { } folder ? new ClientFiles(folder, root) : null;
        return EngineIOEndpointRouteBuilderExtensions.MapEngine(endpoints, path, io.EngineServer, files is null ? null : files.TryServeAsync);
    }
}
