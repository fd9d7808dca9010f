using Chat;
using Holdfast;

var here = AppContext.BaseDirectory;
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = here });
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // its lines per request hold the ids of connections
builder.Services.AddSingleton<ChatRooms>();
builder.Services.AddSocketIO(o => o.ClientFiles = Path.Combine(here, "client"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();

var telling = new Lock();

app.MapSocketIO(io => io.OnConnection(async socket =>
{
    var rooms = app.Services.GetRequiredService<ChatRooms>();
    Seat? seat = null;

    socket.On("join", async (JoinRequest wish) =>
    {
        var (taken, refusal) = rooms.Take(wish, seat);
        if (taken is null)
            return refusal;
        if (taken == seat)
            return rooms.Welcome(taken);
        var left = seat;
        seat = taken; // before anything is awaited: if the socket closes meanwhile, this is the seat to free
        await GiveUpAsync(left);
        await socket.JoinAsync(taken.Channel);
        await TellAsync(socket.To(taken.Channel), "joined", () => rooms.News(taken));
        await TellAsync(io, "rooms", rooms.List);
        return rooms.Welcome(taken);
    });

    socket.On("leave", LeaveAsync);
    socket.OnDisconnect(_ => LeaveAsync());

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

    await socket.EmitAsync("rooms", rooms.List());

    Task LeaveAsync()
    {
        var left = seat;
        seat = null;
        return GiveUpAsync(left);
    }

    async Task GiveUpAsync(Seat? left)
    {
        if (left is null)
            return;
        rooms.Free(left);
        await socket.LeaveAsync(left.Channel);
        await TellAsync(io.To(left.Channel), "left", () => rooms.News(left));
        await TellAsync(io, "rooms", rooms.List);
    }
}));

app.Run();

// One list is taken and sent before the next one is: two people who come at once must not leave the older list on the screens.
Task TellAsync(Broadcaster receivers, string eventName, Func<object> news)
{
    lock (telling)
        return receivers.EmitAsync(eventName, news());
}
