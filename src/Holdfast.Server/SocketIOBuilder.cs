using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast;

/// <summary>What <c>AddSocketIO</c> returns: further packages add themselves to it.</summary>
public sealed class SocketIOBuilder
{
    internal SocketIOBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Lets Kestrel hand over what arrives, and send what leaves, on the thread that is at it already, instead of passing each on to another one: it sets
    /// <see cref="SocketTransportOptions.UnsafePreferInlineScheduling"/> of Kestrel's socket transport.
    /// </summary>
    /// <remarks>
    /// <para>By default it is off. It saves thread switches, which weigh most while a server is not busy; docs/performance.md says how much.</para>
    /// <para>It concerns all endpoints of the host, and code in them that blocks its thread holds up the connection that it belongs to, in both directions. Other servers than Kestrel ignore it.</para>
    /// </remarks>
    /// <returns>This builder.</returns>
    public SocketIOBuilder UseInlineScheduling()
    {
        Services.Configure<SocketTransportOptions>(static options => options.UnsafePreferInlineScheduling = true);
        return this;
    }
}
