namespace Holdfast.JsFixture;

/// <summary>What the tests of recovery ask a socket, and what they are told of its session.</summary>
internal static class RecoveryEvents
{
    public static void Watch(SocketIONamespace io, Sightings seen)
    {
        io.OnSessionParked((session, reason) =>
        {
            seen.Log(session.Id, $"parked: {reason}");
            seen.Add($"parked-{session.Id}", reason.ToString());
        });
        io.OnSessionResumed(socket =>
        {
            seen.Forget($"parked-{socket.Id}");
            seen.Log(socket.Id, $"resumed: {socket.Recovery.Outcome}");
        });
        io.OnSessionExpired((session, reason) =>
        {
            seen.Log(session.Id, $"expired: {reason}");
            seen.Add($"expired-{session.Id}", reason.ToString());
        });
        io.OnConnection(socket => Serve(socket, seen));
    }

    private static void Serve(ServerSocket socket, Sightings seen)
    {
        RecoveryEndpoints.Sockets[socket.Id] = socket;
        seen.Log(socket.Id, $"connected: {socket.Recovery.Outcome}");
        socket.OnDisconnect(reason => seen.Log(socket.Id, $"disconnected: {reason}"));

        socket.On("recovery", () => new
        {
            socket.Recovered,
            outcome = socket.Recovery.Outcome.ToString(),
            reason = socket.Recovery.Reason.ToString(),
            missed = socket.Recovery.MissedCount,
        });
        socket.On("remember", (string key, string value) =>
        {
            socket.Data.Set(key, value);
            return true;
        });
        socket.On("recall", () => socket.Data);
        socket.On("forget all when disconnected", () =>
        {
            socket.OnDisconnect(_ => socket.Data.Clear());
            return true;
        });
    }

    /// <summary>
    /// A middleware that does what the client's auth says: <c>greet</c>, so that something is emitted before the client is in; <c>gate</c>, a sighting to wait for; <c>refuse</c>.
    /// </summary>
    public static async Task CheckAsync(ServerSocket socket, Func<Task> next, Sightings seen)
    {
        var wishes = socket.Handshake.Auth.IsNull ? new Wishes() : socket.Handshake.Auth.Get<Wishes>()!;
        if (wishes.Greet)
            await socket.EmitAsync("greeting", socket.Id);
        if (wishes.Gate is { } gate)
        {
            seen.Add($"waiting-{gate}", socket.Recovered.ToString());
            await seen.WaitAsync($"open-{gate}");
        }
        if (wishes.Refuse)
            throw new ConnectRejectedException("refused");
        await next();
    }

    private sealed record Wishes(string? Gate = null, bool Refuse = false, bool Greet = false);
}
