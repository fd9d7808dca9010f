// What the tests with the official Engine.IO client talk to: bare endpoints beside each other, each with options of its own.
// Options: --Engine:quick:PingInterval=00:00:00.05 makes an endpoint /quick. A client says in its query what it wants to hear at once (see Session.cs);
// later the test asks for it under /sessions. What the server saw is asked for under /seen.

using Holdfast.EngineFixture;
using Microsoft.AspNetCore.Mvc;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");

var app = builder.Build();
var sessions = new Sessions();

app.MapGet("/count", () => sessions.Count);
app.MapGet("/seen/{name}", (string name) => sessions.SawAsync(name));
app.MapPost("/sessions/{id}/send", (string id, [FromQuery] string[] text) => sessions.Find(id).SendAsync(text));
app.MapPost("/sessions/{id}/flood", (string id, int count, int size) => sessions.Find(id).FloodAsync(count, size));
app.MapPost("/sessions/{id}/release", (string id) => sessions.Find(id).Release());
app.MapPost("/sessions/{id}/close", (string id) => sessions.Find(id).Close());
app.MapPost("/stop", (IHostApplicationLifetime host) => host.StopApplication());

foreach (var section in app.Configuration.GetSection("Engine").GetChildren())
    app.MapEngineIO(section.Key, section.Bind, engine => engine.OnConnection(sessions.Add));

await app.StartAsync();
Console.WriteLine($"listening on {new Uri(app.Urls.Single()).Port}");
await app.WaitForShutdownAsync();
