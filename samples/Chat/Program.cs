using Chat;
using Holdfast;

var here = AppContext.BaseDirectory;
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = here });
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // its lines per request hold the ids of connections
builder.Services.AddSingleton<ChatRooms>();
var socketIO = builder.Services.AddSocketIO(o =>
{
    o.ClientFiles = Path.Combine(here, "client");
    o.ConnectionStateRecovery = new();
});
if (!OperatingSystem.IsWindows())
    socketIO.AddFileRecovery("recovery"); // so that a crash or a new version costs nobody a message
builder.Services.AddHealthChecks().AddSocketIORecovery();
// So that each bound can be set from outside: --SocketIO:ConnectionStateRecovery:MaxDisconnectionDuration=00:05:00, --FileRecovery:Folder=/var/lib/chat
builder.Services.Configure<SocketIOOptions>(builder.Configuration.GetSection("SocketIO"));
builder.Services.Configure<FileRecoveryOptions>(builder.Configuration.GetSection("FileRecovery"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHealthChecks("/health");

var rooms = app.Services.GetRequiredService<ChatRooms>();
var telling = new Lock();

app.MapSocketIO(io =>
{
    // Who has lost the connection is away, and has left when the session is over.
    io.OnSessionParked((session, _) => SetAwayAsync(session.Data, true));
    io.OnSessionResumed(socket => SetAwayAsync(socket.Data, false));
    io.OnSessionExpired((session, _) => FreeAsync(session.Data.Get<Seat>("seat")));

    io.OnConnection(async socket =>
    {
        var seat = socket.Data.Get<Seat>("seat"); // of a client that is back
        if (seat is not null && rooms.IsNews(seat))
            await SeatAgainAsync(seat);

        socket.On("join", async (JoinRequest wish) =>
        {
            var (taken, refusal) = rooms.Take(wish, seat, socket.Id, out var replaced);
            if (taken is null)
                return refusal;
            if (taken == seat)
                return rooms.Welcome(taken);
            await LeaveAsync();
            socket.Data.Set("seat", seat = taken);
            if (replaced is not null)
                await io.In(replaced).DisconnectSocketsAsync(); // the session of the same tab before it was loaded anew
            await socket.JoinAsync(taken.Channel);
            await TellAsync(socket.To(taken.Channel), replaced is null ? "joined" : "people", () => rooms.News(taken));
            await TellAsync(io, "rooms", rooms.List);
            return rooms.Welcome(taken);
        });

        socket.On("leave", LeaveAsync);

        socket.On("message", async (string text) =>
        {
            if (seat is null)
                return new Answer(Error: "Join a room first.");
            if (string.IsNullOrWhiteSpace(text) || text.Length > ChatRooms.MaxMessage)
                return new Answer(Error: $"A message has 1 to {ChatRooms.MaxMessage} characters.");
            var at = DateTimeOffset.UtcNow;
            await socket.To(seat.Channel).EmitAsync("message", new { seat.Name, text, at });
            return new Answer(At: at);
        });

        socket.On("typing", async (bool isTyping) =>
        {
            if (seat is not null)
                await socket.Volatile.To(seat.Channel).EmitAsync("typing", seat.Name, isTyping);
        });

        socket.On("return", () => new Return(socket.Recovery.MissedCount, socket.Recovery.Reason.ToString(), seat?.Name, seat?.Room));

        if (!socket.Recovered)
            await TellAsync(io.To(socket.Id), "rooms", rooms.List);

        // The list of people is this process's, and the session is of one before it. Who comes back too late for the name has to ask for another one.
        async Task SeatAgainAsync(Seat former)
        {
            if (rooms.Take(new JoinRequest(former.Name, former.Room, former.Tab), null, socket.Id, out _).Seat is null)
                await LeaveAsync();
            else
                await TellAsync(io.To(former.Channel), "people", () => rooms.News(former));
            await TellAsync(io, "rooms", rooms.List);
        }

        async Task LeaveAsync()
        {
            var left = seat;
            seat = null;
            socket.Data.Remove("seat");
            if (left is not null)
                await socket.LeaveAsync(left.Channel);
            await FreeAsync(left);
        }
    });

    async Task FreeAsync(Seat? seat)
    {
        if (seat is null || !rooms.Free(seat))
            return;
        await TellAsync(io.To(seat.Channel), "left", () => rooms.News(seat));
        await TellAsync(io, "rooms", rooms.List);
    }

    Task SetAwayAsync(SocketData data, bool isAway) => data.Get<Seat>("seat") is { } seat && rooms.SetAway(seat, isAway)
        ? TellAsync(io.To(seat.Channel), "people", () => rooms.News(seat))
        : Task.CompletedTask;
});

app.Run();

// One list is taken and sent before the next one is: two people who come at once must not leave the older list on the screens.
Task TellAsync(Broadcaster receivers, string eventName, Func<object> news)
{
    lock (telling)
        return receivers.EmitAsync(eventName, news());
}
