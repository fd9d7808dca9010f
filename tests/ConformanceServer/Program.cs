// The server that the two official protocol suites are run against: a bare Engine.IO endpoint and a Socket.IO endpoint in one process.
//     dotnet run -c Release --project tests/ConformanceServer -- PORT

using System.Globalization;
using Holdfast;

if (args is not [var argument] || !ushort.TryParse(argument, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("usage: ConformanceServer PORT");
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.Services.AddSocketIO(options =>
{
    SetTimes(options);
    options.ConnectTimeout = TimeSpan.FromSeconds(1);
});

var app = builder.Build();
app.MapEngineIO("/engine.io", SetTimes, engine => engine.OnConnection(socket => socket.OnMessage(message => socket.SendAsync(message))));
app.MapSocketIO("/socket.io", io =>
{
    io.OnConnection(Echo);
    io.Of("/custom").OnConnection(Echo);
});

await app.StartAsync();
await WarmUpAsync($"http://127.0.0.1:{port}");
Console.WriteLine($"listening on {port}");
await app.WaitForShutdownAsync();
return 0;

static void SetTimes(EngineIOOptions options)
{
    options.PingInterval = TimeSpan.FromMilliseconds(300);
    options.PingTimeout = TimeSpan.FromMilliseconds(200);
}

static async Task Echo(ServerSocket socket)
{
    socket.On("message", (EventArguments arguments) => socket.EmitCoreAsync("message-back", arguments.ToArray()));
    socket.On("message-with-ack", (EventArguments arguments, EventContext context) => context.AckCoreAsync(arguments.ToArray()));
    await socket.EmitAsync("auth", socket.Handshake.Auth.IsNull ? new { } : socket.Handshake.Auth);
}

// The suites measure milliseconds: what is compiled at the first request must not count.
static async Task WarmUpAsync(string url)
{
    using var http = new HttpClient();
    foreach (var path in new[] { "/engine.io/", "/socket.io/" })
    {
        for (var i = 0; i < 3; i++)
        {
            var open = await http.GetStringAsync($"{url}{path}?EIO=4&transport=polling");
            var sid = open.Split('"')[3];
            await http.PostAsync($"{url}{path}?EIO=4&transport=polling&sid={sid}", new StringContent("40\u001e42[\"message\",1]"));
            await http.GetStringAsync($"{url}{path}?EIO=4&transport=polling&sid={sid}");
            await http.PostAsync($"{url}{path}?EIO=4&transport=polling&sid={sid}", new StringContent("1"));
        }
    }
}
