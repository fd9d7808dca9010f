using System.Collections.Concurrent;

namespace Holdfast.JsFixture;

/// <summary>What tests have the server do while a client is away, and so can't ask for it itself.</summary>
internal static class RecoveryEndpoints
{
    public static void MapRecovery(this IEndpointRouteBuilder app, SocketIOServer server, Sightings seen)
    {
        app.MapPost("/seen/{name}", (string name) => seen.Add(name, "told"));
        app.MapGet("/log/{id}", (string id) => seen.LogOf(id));

        // Numbered events: to everyone, to rooms, or by the socket itself.
        app.MapPost("/emit", async ([AsParameters] Series series) =>
        {
            var io = server.Of(series.Ns ?? "/");
            for (var i = series.First ?? 0; i < (series.First ?? 0) + (series.Count ?? 1); i++)
            {
                object?[] arguments = series.Kind switch
                {
                    "binary" => [i, new { bytes = new byte[] { (byte)i, 254, 255 } }],
                    "text" => [i, new string('x', series.Size ?? 0)],
                    _ => [i],
                };
                if (series.Socket is { } id)
                    await Sockets[id].EmitCoreAsync("n", arguments);
                else if (series.Kind == "volatile")
                    await io.To(series.To!).Volatile.EmitCoreAsync("v", [i, "the last word"]);
                else
                    await Target(io, series).EmitCoreAsync("n", arguments);
            }
        });
        app.MapPost("/join", (string id, string room, string? ns) => server.Of(ns ?? "/").In(id).SocketsJoinAsync(room));
        app.MapPost("/leave", (string id, string room, string? ns) => server.Of(ns ?? "/").In(id).SocketsLeaveAsync(room));
        app.MapPost("/kick", (string id, string? ns) => server.Of(ns ?? "/").In(id).DisconnectSocketsAsync());

        // The question is asked now; its answer may come over another connection.
        app.MapPost("/ask", (string id) => Sockets[id].Timeout(TimeSpan.FromSeconds(30)).EmitWithAckAsync<int>("question"));
    }

    /// <summary>The last socket of each id, also while it is away.</summary>
    public static ConcurrentDictionary<string, ServerSocket> Sockets { get; } = new(StringComparer.Ordinal);

    private static Broadcaster Target(SocketIONamespace io, Series series) => (series.To, series.Except) switch
    {
        (null, null) => io,
        (null, { } except) => io.Except(except),
        ({ } room, null) => io.To(room),
        ({ } room, { } except) => io.To(room).Except(except),
    };

    internal sealed record Series(string? Ns, string? To, string? Except, string? Socket, int? First, int? Count, string? Kind, int? Size);
}
