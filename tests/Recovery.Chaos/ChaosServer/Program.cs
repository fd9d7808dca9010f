// The oracle server and what chaos needs besides: leaving a room, and what happens to a socket from outside, whether it is connected or away.
//     dotnet ChaosServer.dll PORT

using System.Globalization;
using Holdfast.ChaosServer;
using Holdfast.OracleServer;

if (args is not [var argument] || !ushort.TryParse(argument, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("usage: ChaosServer PORT");
    return 2;
}

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
return 0;
