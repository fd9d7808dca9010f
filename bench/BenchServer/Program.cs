// The server that outside load generators drive: the public API, the default options, and beside them what docs/performance.md states: messages are handled where they are read (not with INLINE=0),
// and the property SocketIOTuneRuntime in the project.
//     PORT=3300 [RECOVERY=1] [INLINE=0] dotnet run -c Release --project bench/BenchServer

using System.Globalization;
using System.Net;
using Holdfast;
using Holdfast.BenchServer;

var setting = Environment.GetEnvironmentVariable("PORT");
if (!ushort.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine($"PORT is '{setting}'; it has to be a number from 0, for any free port, to 65535.");
    return 2;
}

// The settings of whatever folder it is started from are not this program's.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
if (Environment.GetEnvironmentVariable("INLINE") != "0")
    builder.WebHost.UseInlineSocketScheduling();
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
builder.Services.AddSocketIO(options =>
{
    if (Environment.GetEnvironmentVariable("RECOVERY") == "1")
        options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
});

var app = builder.Build();
app.MapSocketIO(io => io.OnConnection(BenchEvents.AddTo));

await app.StartAsync();
Console.WriteLine($"listening on {new Uri(app.Urls.Single()).Port}");
await app.WaitForShutdownAsync();
return 0;
