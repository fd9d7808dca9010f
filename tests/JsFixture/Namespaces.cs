using System.Text.RegularExpressions;

namespace Holdfast.JsFixture;

/// <summary>Namespaces that clients make, and what an application sees of its sockets and does to them from outside.</summary>
internal static partial class Namespaces
{
    public static void MapNamespaces(this IEndpointRouteBuilder app, SocketIOServer server, Sightings seen)
    {
        var parent = server.Of(Numbered()).Use(async (socket, next) =>
        {
            seen.Add($"middleware-{socket.Id}", socket.Namespace.Name);
            await next();
        }).OnConnection(socket => Everything.Serve(socket, socket.Namespace, seen));
        server.Of(async (name, auth) =>
        {
            await Task.Yield();
            return name.StartsWith("/tenant-", StringComparison.Ordinal) && !auth.IsNull && auth.Get<Credentials>()!.Token == "let-me-in";
        }).OnConnection(socket => Everything.Serve(socket, socket.Namespace, seen));
        server.OnNewNamespace(ns => seen.Log("new-namespaces", ns.Name));

        app.MapGet("/children", () => parent.Children.Select(child => child.Name).Order(StringComparer.Ordinal));
        app.MapPost("/children", (string? room, string text) => (room is null ? (Broadcaster)parent : parent.To(room)).EmitAsync("told", text));

        app.MapGet("/sockets", async (string? ns, string? room) =>
        {
            var io = server.Of(ns ?? "/");
            var found = await (room is null ? (Broadcaster)io : io.In(room)).FetchSocketsAsync();
            return found.Select(socket => new { socket.Id, Rooms = socket.Rooms.Count, Query = socket.Handshake.Query["who"].ToString() });
        });
        app.MapPost("/sockets/{id}", async (string id, string act, string? room) =>
        {
            var socket = (await server.In(id).FetchSocketsAsync()).Single();
            switch (act)
            {
                case "emit":
                    await socket.EmitAsync("told", "you");
                    break;
                case "ask":
                    return await socket.EmitWithAckAsync<int>("question");
                case "join":
                    await socket.JoinAsync(room!);
                    break;
                case "leave":
                    await socket.LeaveAsync(room!);
                    break;
                default:
                    await socket.DisconnectAsync(close: act == "close");
                    break;
            }
            return 0;
        });

        app.MapPost("/all", async (string act, string? room, string to) =>
        {
            var io = room is null ? (Broadcaster)server : server.In(room);
            await (act switch
            {
                "join" => io.SocketsJoinAsync(to),
                "leave" => io.SocketsLeaveAsync(to),
                _ => io.DisconnectSocketsAsync(close: act == "close"),
            });
        });

        app.MapPost("/close", server.CloseAsync);
        app.MapPost("/open", server.Open);
    }

    [GeneratedRegex("^/dynamic-[0-9]+$")]
    private static partial Regex Numbered();
}
