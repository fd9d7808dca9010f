using Holdfast.OracleServer;

namespace Holdfast.ChaosServer;

internal static class ChaosApp
{
    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning); // a failed seed shows what was said
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(4));
        builder.Services.AddSocketIO(options => options.ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromSeconds(120) });

        var app = builder.Build();
        app.MapSocketIO(io =>
        {
            foreach (var nsp in new[] { io.Sockets, io.Of("/other") })
            {
                OracleEvents.AddTo(nsp);
                ChaosEvents.AddTo(nsp);
            }
        });

        await app.StartAsync();
        Console.WriteLine($"listening on {port}");
        await app.WaitForShutdownAsync();
    }
}
