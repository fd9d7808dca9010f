using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Prepares the host's sockets for many small messages.</summary>
public static class SocketIOWebHostBuilderExtensions
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Lets a message be read, handled and answered on the thread that the operating system wakes for it, instead of handing it to a thread of the pool first. That saves a wake-up per message: up to half of
    /// a server's processor time where it is not busy, see docs/performance.md. Off by default.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Only for processes none of whose code blocks a thread. There is about one such thread per core, and each serves many connections: a handler, a middleware or anything else that goes on
    /// after waiting for a socket, and that then computes for long, sleeps, or waits for a task with <c>.Result</c> or <c>.Wait()</c>, holds up all of them; one that waits so for another socket may
    /// wait for its own thread, for ever. Code that awaits is fine. Work that takes long belongs on the pool: <c>await Task.Run(...)</c>.
    /// </para>
    /// <para>
    /// Call it first in Program.cs, before the process opens any socket. It sets Kestrel's <see cref="SocketTransportOptions.UnsafePreferInlineScheduling"/>, and for the runtime the environment variable
    /// <c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c> of this process to 1. The runtime reads the variable with the first socket; it holds for all sockets of the process, and processes that this one starts
    /// inherit it. If the variable is set already, it stays as it is. On Windows the runtime has no such variable, and Kestrel's half alone takes effect.
    /// </para>
    /// </remarks>
    public static IWebHostBuilder UseInlineSocketScheduling(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        return builder.ConfigureServices(services => services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true));
    }
}
