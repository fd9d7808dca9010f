using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;

namespace Holdfast.OriginalPeer;

/// <summary>A server, and what can be asked of it.</summary>
internal sealed class Peer
{
    private readonly ConcurrentDictionary<string, int> _cuts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _sightings = new(StringComparer.Ordinal);
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private SocketIOServer _io = null!;
    private TaskCompletionSource? _gate;

    private Peer(WebApplication app) => App = app;

    public WebApplication App { get; }

    public int Port => new Uri(App.Urls.Single()).Port;

    public static async Task<Peer> StartAsync(Action<SocketIOOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSocketIO(options =>
        {
            options.ConnectionStateRecovery = new();
            configure(options);
        });
        var peer = new Peer(builder.Build());
        peer.App.MapPost("/control/{operation}", peer.ObeyAsync);
        peer.App.MapSocketIO(peer.Serve);
        await peer.App.StartAsync();
        return peer;
    }

    private void Serve(SocketIOServer io)
    {
        _io = io;
        io.Use(async (socket, next) =>
        {
            var auth = socket.Handshake.Auth.IsNull ? [] : socket.Handshake.Auth.Get<Dictionary<string, EventArgument>>()!;
            if (auth.ContainsKey("greet"))
                await socket.EmitAsync("greeting");
            if (_gate is { } gate)
            {
                Sighting("at the gate").TrySetResult();
                await gate.Task;
            }
            if (auth.ContainsKey("unwanted"))
                throw new ConnectRejectedException("unwanted");
            await next();
        });
        io.OnConnection(socket =>
        {
            socket.On("echo", (EventContext context) => context.AckAsync());
            socket.OnDisconnect(_ => Sighting($"{socket.Id} {_cuts.AddOrUpdate(socket.Id, 1, static (_, count) => count + 1)}").TrySetResult());
        });
    }

    private async Task<object?> ObeyAsync(string operation, Command command)
    {
        Broadcaster target = command.Room is null ? _io : _io.To(command.Room);
        switch (operation)
        {
            case "emit":
                await (command.Volatile ? target.Volatile : target).EmitCoreAsync(command.Name!, [.. command.Args!.Select(value => (object?)value)]);
                return null;
            case "emit-then-change":
                var value = new Dictionary<string, object?> { ["count"] = 1 };
                await target.EmitAsync(command.Name!, value);
                value["count"] = 2;
                return null;
            case "emit-binary":
                try
                {
                    await target.EmitCoreAsync(command.Name!, [.. Enumerable.Range(0, command.Count).Select(_ => (object?)new byte[1])]);
                    return "sent";
                }
                catch (ArgumentException)
                {
                    return "refused";
                }
            case "ask":
                _ = AskAsync(_io.Sockets.FindSocket(command.Sid!)!, command.Name!);
                return null;
            case "answer":
                // The client's packet is here already; who asked may be told of it a moment later.
                return await _answers.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
            case "join":
                await _io.In(command.Sid!).SocketsJoinAsync(command.Room!);
                return null;
            case "leave":
                await _io.In(command.Sid!).SocketsLeaveAsync(command.Room!);
                return null;
            case "kick":
                await _io.In(command.Sid!).DisconnectSocketsAsync();
                return null;
            case "cut-seen":
                await Sighting($"{command.Sid} {command.Count}").Task;
                return null;
            case "state":
                return _io.Sockets.FindSocket(command.Sid!) is { } socket ? new { socket.Recovered, socket.Rooms } : null;
            case "forget":
                // More than this log holds, to nobody.
                for (var i = 0; i < 20; i++)
                    await _io.To("nobody").EmitAsync("filler");
                return null;
            case "close-gate":
                _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _sightings.TryRemove("at the gate", out _);
                return null;
            case "at-gate":
                await Sighting("at the gate").Task;
                return null;
            case "open-gate":
                _gate!.SetResult();
                _gate = null;
                return null;
            default:
                throw new ArgumentException($"there is no operation '{operation}'");
        }
    }

    private async Task AskAsync(ServerSocket socket, string question) => _answers.Writer.TryWrite((await socket.Timeout(TimeSpan.FromSeconds(30)).EmitWithAckAsync<string>(question))!);

    private TaskCompletionSource Sighting(string what) => _sightings.GetOrAdd(what, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed record Command(string? Sid, string? Room, string? Name, JsonElement[]? Args, bool Volatile = false, int Count = 1);
}
