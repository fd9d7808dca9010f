using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Hosting;

/// <summary>Whether recovery can keep what it promises: what is wrong with its log, in the log's own words.</summary>
internal sealed class RecoveryHealthCheck(SocketIOServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(server.Recovery switch
    {
        null => HealthCheckResult.Healthy("Connection state recovery is off."),
        { Road.Log: { Problem: { } problem } log } => new HealthCheckResult(log.HasFailed ? HealthStatus.Unhealthy : context.Registration.FailureStatus, problem),
        _ => HealthCheckResult.Healthy(),
    });
}
