// The server that recovery checks drive from outside: every client hears what is published to its rooms, whatever happens to its connections.
//     dotnet run -c Release --project tests/OracleServer -- PORT [--bus memory]

using System.Globalization;
using Holdfast;
using Holdfast.OracleServer;

if (args.Length == 0 || !ushort.TryParse(args[0], CultureInfo.InvariantCulture, out var port))
    return Refuse("usage: OracleServer PORT [--bus memory]");
for (var i = 1; i < args.Length; i += 2)
{
    if (args[i] is not ("--bus" or "--url") || i + 1 == args.Length)
        return Refuse($"'{args[i]}' is not understood; usage: OracleServer PORT [--bus memory]");
    if (args[i] == "--bus" && args[i + 1] != "memory")
        return Refuse($"there is no bus '{args[i + 1]}': this build has memory only");
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(4));
builder.Services.AddSocketIO(options => options.ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromSeconds(120) });

var app = builder.Build();
app.MapSocketIO(io =>
{
    OracleEvents.AddTo(io.Sockets);
    OracleEvents.AddTo(io.Of("/other"));
    io.Of("/auth")
        .Use(async (socket, next) =>
        {
            if (!OracleEvents.MayEnter(socket.Handshake.Auth))
                throw new ConnectRejectedException("not authorized");
            await next();
        })
        .OnConnection(socket => socket.EmitAsync("welcome", new Dictionary<string, EventArgument> { ["auth"] = socket.Handshake.Auth }));
});

await app.StartAsync();
Console.WriteLine($"listening on {port}");
await app.WaitForShutdownAsync();
return 0;

static int Refuse(string line)
{
    Console.Error.WriteLine(line);
    return 2;
}
