namespace Holdfast.OracleServer;

/// <summary>What clients may ask for. Payloads are passed on undecoded, so that they come out as they went in.</summary>
internal static class OracleEvents
{
    public static void AddTo(SocketIONamespace nsp) => nsp.OnConnection(socket =>
    {
        socket.On("publish", async (string room, EventArgument seq, EventArgument payload, EventContext context) =>
        {
            await Target(nsp, room).EmitAsync("msg", seq, payload);
            await context.AckAsync();
        });
        socket.On("publishVolatile", async (string room, EventArgument seq, EventArgument payload, EventContext context) =>
        {
            await Target(nsp, room).Volatile.EmitAsync("vmsg", seq, payload);
            await context.AckAsync();
        });
        socket.On("join", async (string room, EventContext context) =>
        {
            await socket.JoinAsync(room);
            await context.AckAsync();
        });
        socket.On("setData", async (Dictionary<string, EventArgument> data, EventContext context) =>
        {
            socket.Data.Clear();
            foreach (var (key, value) in data)
                socket.Data.Set(key, value);
            await context.AckAsync();
        });
        socket.On("whoami", () => WhoAmI(socket));
        socket.On("echo", (EventArguments arguments, EventContext context) => context.AckCoreAsync(arguments.ToArray()));
        socket.On("back", (EventArguments arguments) => socket.EmitCoreAsync("back", arguments.ToArray()));
    });

    public static bool MayEnter(EventArgument auth)
    {
        try
        {
            return auth.Get<Dictionary<string, EventArgument>>() is { } values && values.TryGetValue("token", out var token) && token.Get<string>() == "let-me-in";
        }
        catch (EventArgumentException)
        {
            return false;
        }
    }

    /// <summary>A room, or everybody when it has no name.</summary>
    public static Broadcaster Target(SocketIONamespace nsp, string room) => room.Length == 0 ? nsp : nsp.To(room);

    private static Dictionary<string, object?> WhoAmI(ServerSocket socket) => new()
    {
        ["id"] = socket.Id,
        ["recovered"] = socket.Recovered,
        ["rooms"] = socket.Rooms,
        ["data"] = socket.Data,
    };
}
