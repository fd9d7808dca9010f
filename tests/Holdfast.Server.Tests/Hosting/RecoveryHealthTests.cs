using Holdfast.Recovery;
using Holdfast.Server.Tests.Recovery.Shared;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>What a health check says of recovery.</summary>
public class RecoveryHealthTests
{
    [Fact]
    public async Task It_is_degraded_while_the_log_has_a_problem_and_unhealthy_when_only_a_new_process_helps()
    {
        var log = new HeldLog(new LoopbackLog().Join());
        await using var app = Build(services => services.AddSingleton<ISharedLog>(log).AddSocketIO(options => options.ConnectionStateRecovery = new()), health => health.AddSocketIORecovery());
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(app));

        log.Problem = "The disk is full.";
        Assert.Equal((HealthStatus.Degraded, "The disk is full."), await CheckAsync(app));
        log.HasFailed = true;
        Assert.Equal((HealthStatus.Unhealthy, "The disk is full."), await CheckAsync(app));
        (log.Problem, log.HasFailed) = (null, false);
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(app));
    }

    [Fact]
    public async Task The_application_chooses_its_name_its_tags_and_how_bad_a_problem_is()
    {
        var log = new HeldLog(new LoopbackLog().Join()) { Problem = "The disk is full." };
        await using var app = Build(
            services => services.AddSingleton<ISharedLog>(log).AddSocketIO(options => options.ConnectionStateRecovery = new()),
            health => health.AddSocketIORecovery("realtime", HealthStatus.Unhealthy, ["ready"]));
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready")).Within();
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["realtime"].Status);
    }

    [Fact]
    public async Task Without_recovery_and_with_a_log_in_memory_there_is_nothing_to_complain_about()
    {
        await using var off = Build(services => services.AddSocketIO(), health => health.AddSocketIORecovery());
        Assert.Equal((HealthStatus.Healthy, "Connection state recovery is off."), await CheckAsync(off));
        await using var memory = Build(services => services.AddSocketIO(options => options.ConnectionStateRecovery = new()), health => health.AddSocketIORecovery());
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(memory));
    }

    private static WebApplication Build(Action<IServiceCollection> services, Action<IHealthChecksBuilder> checks)
    {
        var builder = WebApplication.CreateSlimBuilder();
        services(builder.Services);
        checks(builder.Services.AddHealthChecks());
        return builder.Build();
    }

    private static async Task<(HealthStatus Status, string? Text)> CheckAsync(WebApplication app)
    {
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync().Within();
        var entry = Assert.Single(report.Entries).Value;
        return (entry.Status, entry.Description);
    }
}
