using Microsoft.Extensions.DependencyInjection;

namespace Holdfast;

/// <summary>What <c>AddSocketIO</c> returns: further packages add themselves to it.</summary>
public sealed class SocketIOBuilder
{
    internal SocketIOBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }
}
