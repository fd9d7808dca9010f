using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Recovery.Files;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>A server whose disk is full: what was emitted and refused reaches nobody, nobody loses the connection for it, and it heals by itself.</summary>
public sealed class FileRecoveryDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task On_a_full_disk_emits_fail_connections_live_health_says_why_and_it_heals()
    {
        using var disk = Tmpfs.TryMount(_folder, "size=512k");
        if (disk is null)
            Assert.Skip("Mounting a small disk takes root.");
        HealthCheckService health = null!;
        await using var host = await RecoveryHost.StartAsync(
            io => health = io.Services.GetRequiredService<HealthCheckService>(),
            services: services =>
            {
                services.AddSocketIO().AddFileRecovery(_folder, options => options.MaxBytes = 1024 * 1024);
                services.AddHealthChecks().AddSocketIORecovery();
            });
        using var client = await host.JoinAsync();
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync());

        var filler = Path.Combine(_folder, "filler");
        await File.WriteAllBytesAsync(filler, new byte[300_000]);
        RecoveryUnavailableException? refused = null;
        var taken = 0;
        while (refused is null)
        {
            try
            {
                await host.Io.EmitAsync("news", taken, new string('x', 5_000)).Within();
                taken++;
            }
            catch (RecoveryUnavailableException exception)
            {
                refused = exception;
            }
        }
        Assert.False(refused.OutcomeUnknown);
        Assert.Equal((HealthStatus.Degraded, refused.Message), await CheckAsync());

        // Nobody writes any more: it finds out by itself.
        File.Delete(filler);
        host.Time.Advance(1000);
        await Waiting.Until(() => host.Store.Road!.Log.Problem is null);
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync());
        await host.Io.EmitAsync("after", taken).Within();
        for (var i = 0; i < taken; i++)
            Assert.StartsWith($"42[\"news\",{i},", await client.ReadEventAsync(), StringComparison.Ordinal);
        Assert.Equal($"42[\"after\",{taken}]", await client.ReadEventAsync());
        await client.AssertNothingMoreAsync();

        // All of it once more for a client that comes back.
        await host.CutAsync(client);
        using var back = await host.ReturnAsync(client);
        Assert.Equal(client.Pid, back.Pid);
        await back.AssertNothingMoreAsync();
        Assert.Single(host.Complaints, complaint => complaint.StartsWith("Warning: Connection state recovery has lost its log: The log can't be written", StringComparison.Ordinal));
        host.ExpectedComplaints = 2; // the platform's health checks say it, too

        async Task<(HealthStatus Status, string? Text)> CheckAsync()
        {
            var entry = Assert.Single((await health.CheckHealthAsync().Within()).Entries).Value;
            return (entry.Status, entry.Description);
        }
    }
}
