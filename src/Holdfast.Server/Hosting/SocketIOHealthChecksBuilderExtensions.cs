using Holdfast;
using Holdfast.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of the Socket.IO server.</summary>
public static class SocketIOHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of connection state recovery. While its log can't be written or read (the disk is full, say) it reports <paramref name="failureStatus"/> and what is wrong, and is healthy again by
    /// itself as soon as the log is: a new process would find the same disk, and connections live on meanwhile. A log that only a new process can help is reported as <see cref="HealthStatus.Unhealthy"/>.
    /// </summary>
    /// <param name="builder">What <c>AddHealthChecks</c> has returned.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">For what heals by itself.</param>
    /// <param name="tags">Tags of the check.</param>
    public static IHealthChecksBuilder AddSocketIORecovery(
        this IHealthChecksBuilder builder, string name = "socket.io recovery", HealthStatus failureStatus = HealthStatus.Degraded, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static services => new RecoveryHealthCheck(services.GetRequiredService<SocketIOServer>()), failureStatus, tags));
    }
}
