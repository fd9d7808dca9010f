using Holdfast.OracleServer;
using Holdfast.Recovery.Files;

namespace Holdfast.ChaosServer;

internal static class ChaosApp
{
    public static async Task RunAsync(ChaosOptions chaos)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning); // a failed seed shows what was said
        builder.WebHost.UseUrls($"http://127.0.0.1:{chaos.Port}");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(4));
        var socketIO = builder.Services.AddSocketIO(options =>
        {
            // So short and so small that in the few seconds of a seed there are pings, connections that time out, outboxes that are full, and replays that have to wait.
            options.PingInterval = TimeSpan.FromMilliseconds(500);
            options.PingTimeout = TimeSpan.FromMilliseconds(1000);
            options.OutboxLimit = 128 * 1024;
            options.ConnectionStateRecovery = new()
            {
                MaxDisconnectionDuration = chaos.Window ?? TimeSpan.FromSeconds(120),
                SkipMiddlewares = false,
                ReplayBurst = 64 * 1024,
                ReplayBytesPerSecond = 4 * 1024 * 1024,
            };
        });
        using var synced = chaos.SyncedFile is { } file ? new SyncedLengths(file) : null;
        if (chaos.Folder is { } folder)
        {
            socketIO.AddFileRecovery(folder, options =>
            {
                options.ApplicationName = "chaos"; // those that are broken on purpose included
                options.Sync = chaos.Sync;
                options.SyncInterval = TimeSpan.FromMilliseconds(50);
                options.MaxBytes = (chaos.Window is null ? 64 : 32) * 1024 * 1024; // segments of 4 MiB, or of 2, so that there is more than one
                options.MaxMemoryBytes = chaos.Memory ?? options.MaxMemoryBytes;
            });
            if (synced is not null)
                builder.Services.AddSingleton(new SimulatedMachine(chaos.Boot, synced.Add, new FullDisk(chaos.FullSign!).Append));
        }

        var app = builder.Build();
        app.MapSocketIO(io =>
        {
            foreach (var nsp in new[] { io.Sockets, io.Of("/other") })
            {
                OracleEvents.AddTo(nsp);
                ChaosEvents.AddTo(nsp);
            }
            // In one namespace a client is let in at once, in the other one after a while in which it may be overtaken by its own next attempt, or kicked.
            io.Of("/other").Use(async (_, next) =>
            {
                for (var hops = Random.Shared.Next(10_000); hops > 0; hops--)
                    await Task.Yield();
                await next();
            });
        });

        await app.StartAsync();
        Console.WriteLine($"listening on {chaos.Port}");
        await app.WaitForShutdownAsync();
    }
}
