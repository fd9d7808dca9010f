// The server that recovery checks drive from outside: every client hears what is published to its rooms, whatever happens to its connections.
//     dotnet run -c Release --project tests/OracleServer -- PORT [--bus memory|files] [--url FOLDER]

using Holdfast;
using Holdfast.OracleServer;

if (Command.Read(args, out var fault) is not { } command)
    return Refuse(fault);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{command.Port}");
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(4));
var socketIO = builder.Services.AddSocketIO(options => options.ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromSeconds(120) });
if (command.Bus == "files")
    socketIO.AddFileRecovery(Path.GetFullPath(command.Url!)); // from where it was started

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

try
{
    await app.StartAsync();
}
catch (RecoveryUnavailableException unavailable)
{
    return Refuse(unavailable.Message);
}
Console.WriteLine($"listening on {command.Port}");
await app.WaitForShutdownAsync();
return 0;

static int Refuse(string line)
{
    Console.Error.WriteLine(line);
    return 2;
}
