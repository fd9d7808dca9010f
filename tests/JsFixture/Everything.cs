namespace Holdfast.JsFixture;

internal static class Everything
{
    public static void Serve(ServerSocket socket, SocketIONamespace io, Sightings seen)
    {
        socket.OnDisconnecting(reason => seen.Add($"disconnecting-{socket.Id}", string.Join(',', socket.Rooms.Where(room => room != socket.Id).Order(StringComparer.Ordinal))));
        socket.OnDisconnect(reason => seen.Add($"disconnect-{socket.Id}", reason.ToString()));

        // Arguments as they come
        socket.On("echo", (EventArguments all, EventContext context) => context.AckCoreAsync(all.ToArray()));
        socket.On("back", (EventArguments all) => socket.EmitCoreAsync("back", all.ToArray()));
        socket.On("auth", () => socket.Handshake.Auth);
        socket.On("query", (string key) => socket.Handshake.Query[key].ToString());
        socket.On("namespace", () => socket.Namespace.Name);

        // Arguments with types, and what becomes of wrong ones
        socket.On("sum", (int a, int b) => a + b);
        socket.On("sum-later", async (int a, int b) =>
        {
            await Task.Yield();
            return a + b;
        });
        socket.On("person", (Person person) => person with { Age = person.Age + 1 });
        socket.On("bytes", (byte[] bytes) => bytes.Reverse().ToArray());
        socket.On("a-day-later", (DateTime date) => date.AddDays(1));
        socket.On("keep", (EventArgument value) =>
        {
            socket.Data.Set("kept", value);
            return true;
        });
        socket.On("kept", () => socket.Data.Get<EventArgument>("kept"));
        socket.On("fail", string () => throw new InvalidOperationException("the handler's own fault"));
        socket.On("never", () => { });

        // Questions to the client
        socket.On("ask", async (string question, int milliseconds) =>
        {
            try
            {
                return new { answer = (object?)await socket.Timeout(TimeSpan.FromMilliseconds(milliseconds)).EmitWithAckAsync<EventArgument>(question, 1), error = (string?)null };
            }
            catch (Exception failure)
            {
                return new { answer = (object?)null, error = (string?)failure.Message };
            }
        });
        socket.On("ask-until-gone", async () =>
        {
            try
            {
                await socket.EmitWithAckAsync<string>("question");
            }
            catch (SocketDisconnectedException gone)
            {
                seen.Add($"unanswered-{socket.Id}", gone.Reason.ToString());
            }
        });
        socket.On("ask-room", async (string room, int milliseconds) =>
        {
            var acks = await io.To(room).Timeout(TimeSpan.FromMilliseconds(milliseconds)).EmitWithAckAsync<int>("question", 2);
            return new { responses = acks.Responses.Order(), acks.Missing };
        });

        // Rooms and receivers
        socket.On("join", async (string[] rooms) =>
        {
            await socket.JoinAsync(rooms);
            return socket.Rooms.Count;
        });
        socket.On("leave", async (string room) =>
        {
            await socket.LeaveAsync(room);
            return socket.Rooms.Count;
        });
        socket.On("rooms", () => socket.Rooms.Order(StringComparer.Ordinal));
        socket.On("to", async (string[] rooms, string[] except, string text) =>
        {
            await io.To(rooms).Except(except).EmitAsync("told", text);
            return true;
        });
        socket.On("others", async (string[] rooms, string text) =>
        {
            await (rooms.Length == 0 ? socket.Broadcast : socket.To(rooms)).EmitAsync("told", text);
            return true;
        });
        socket.On("local", async (string text) =>
        {
            await io.Local.EmitAsync("told", text);
            return true;
        });
        socket.On("move", async (string from, string to) =>
        {
            await io.In(from).SocketsJoinAsync(to);
            await io.In(from).SocketsLeaveAsync(from);
            return true;
        });
        socket.On("burst", async (int count) =>
        {
            for (var i = 0; i < count; i++)
                await socket.EmitAsync("n", i);
        });

        // The plain one makes the transport busy; the plain one behind the volatile ones arrives in any case.
        socket.On("volatile-twice", async () =>
        {
            await socket.EmitAsync("plain", 0);
            await socket.Volatile.EmitAsync("volatile", 1);
            await socket.Volatile.EmitAsync("volatile", new byte[] { 2 });
            await socket.EmitAsync("plain", 3);
        });
        socket.On("volatile", async (string room) => await io.To(room).Volatile.EmitAsync("volatile", 7));

        socket.On("leave-me", (bool close) => socket.DisconnectAsync(close));
        socket.On("kick", async (string room, bool close) => await io.In(room).DisconnectSocketsAsync(close));
    }

    private sealed record Person(string Name, int Age, string? Nick = null);
}
