// What the tests with the official JavaScript client talk to: each event is one thing that a server can do, so that a test reads as what it shows.
// Options: --Socket:PingInterval=00:00:00.3 and so on, the names of SocketIOOptions, and --Parser=msgpack or envelope. What the server saw is asked for under /seen.

using System.Collections.Concurrent;
using Holdfast;
using Holdfast.JsFixture;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSocketIO();
builder.Services.Configure<SocketIOOptions>(builder.Configuration.GetSection("Socket"));
builder.Services.Configure<SocketIOOptions>(options => options.Parser = builder.Configuration["Parser"] switch
{
    null => null,
    "msgpack" => new MessagePackParser(),
    "envelope" => new EnvelopeParser(),
    var other => throw new ArgumentException($"There is no parser {other}."),
});

var app = builder.Build();
var seen = new Sightings();
var gates = new ConcurrentDictionary<string, TaskCompletionSource>();
TaskCompletionSource Gate(string id) => gates.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

app.MapGet("/seen/{**name}", (string name) => seen.WaitAsync(name));
app.MapPost("/open-gate/{id}", (string id) => Gate(id).TrySetResult());
app.MapPost("/stop", (IHostApplicationLifetime host) => host.StopApplication());
app.MapPost("/notify/{room}", (string room, string text, SocketIOServer io) => io.To(room).EmitAsync("notice", text));

app.MapRecovery(app.Services.GetRequiredService<SocketIOServer>(), seen);
app.MapNamespaces(app.Services.GetRequiredService<SocketIOServer>(), seen);

app.MapSocketIO(io =>
{
    foreach (var watched in new[] { io.Sockets, io.Of("/custom"), io.Of("/checked") })
        RecoveryEvents.Watch(watched, seen);

    io.OnConnection(socket => Everything.Serve(socket, io.Sockets, seen));
    io.OnConnection(socket => ListenerEvents.Serve(socket, seen));
    io.Of("/custom").OnConnection(socket => Everything.Serve(socket, io.Of("/custom"), seen));

    io.Of("/checked").Use((socket, next) => RecoveryEvents.CheckAsync(socket, next, seen)).OnConnection(socket => Everything.Serve(socket, io.Of("/checked"), seen));

    io.Of("/guarded").Use(async (socket, next) =>
    {
        if (socket.Handshake.Auth.IsNull || socket.Handshake.Auth.Get<Credentials>()!.Token != "let-me-in")
            throw new ConnectRejectedException("not authorized", new { hint = "a token", retry = false });
        await socket.JoinAsync("insiders");
        await socket.EmitAsync("greeting", socket.Connected);
        await next();
    }).OnConnection(socket => Everything.Serve(socket, io.Of("/guarded"), seen));
    io.Of("/silent").Use((_, _) => Task.CompletedTask);
    io.Of("/broken").Use((_, _) => throw new InvalidOperationException("a secret of the server"));

    io.Of("/slow").OnConnection(async socket =>
    {
        await Gate(socket.Id).Task;
        socket.On("early", async (int n) => await socket.EmitAsync("heard", n));
    });
});

await app.StartAsync();
Console.WriteLine($"listening on {new Uri(app.Urls.Single()).Port}");
await app.WaitForShutdownAsync();

internal sealed record Credentials(string? Token);
