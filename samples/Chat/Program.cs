using Chat;

var here = AppContext.BaseDirectory;
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = here });
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // its lines per request hold the ids of connections
builder.Services.AddSingleton<ChatRooms>();
builder.Services.AddSocketIO(o => o.ClientFiles = Path.Combine(here, "client"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();

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
        await LeaveAsync();
        seat = taken;
        await socket.JoinAsync(taken.Channel);
        await socket.To(taken.Channel).EmitAsync("joined", rooms.News(taken));
        await io.EmitAsync("rooms", rooms.List());
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

    async Task LeaveAsync()
    {
        if (seat is null)
            return;
        var left = seat;
        seat = null;
        rooms.Free(left);
        await socket.LeaveAsync(left.Channel);
        await io.To(left.Channel).EmitAsync("left", rooms.News(left));
        await io.EmitAsync("rooms", rooms.List());
    }
}));

app.Run();
