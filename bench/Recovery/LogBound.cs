namespace Holdfast.RecoveryBench;

/// <summary>Events beyond what the log may hold, in the shapes that weigh most in different places: what the log says that it holds, and what the process really holds for it.</summary>
internal static class LogBound
{
    private const long MaxLogBytes = 64L * 1024 * 1024;

    /// <summary>How far the log's own estimate may be from what the heap says.</summary>
    private const double Tolerance = 0.3;

    private static readonly string Text60 = new('x', 60);
    private static readonly string[] TenRooms = [.. Enumerable.Range(0, 10).Select(n => $"one of ten {n}")];
    private static readonly string[] Rooms = [.. Enumerable.Range(0, 5000).Select(n => $"room {n}")];
    private static readonly byte[] Binary = new byte[1000];

    public static readonly (string Name, Func<SocketIOServer, ServerSocket, int, Task> Send)[] Shapes =
    [
        ("60 characters to one of 5,000 rooms", (io, _, n) => io.To(Rooms[n % Rooms.Length]).EmitAsync("news", n, Text60)),
        ("60 characters to everybody", (io, _, n) => io.EmitAsync("news", n, Text60)),
        ("60 characters to one client that is away", (_, socket, n) => socket.EmitAsync("news", n, Text60)),
        ("a number to everybody", (io, _, n) => io.EmitAsync("n", n)),
        ("a number to a room of its own", SendToNewRoomAsync),
        ("60 characters to ten rooms but two", (io, _, n) => io.To(TenRooms).Except($"not {n % 7}").Except("nor these").EmitAsync("news", n, Text60)),
        ("two binary values of 1,000 bytes", (io, _, n) => io.To(Rooms[n % Rooms.Length]).EmitAsync("picture", Binary, Binary)),
        ("2,000 characters to one of 5,000 rooms", (io, _, n) => io.To(Rooms[n % Rooms.Length]).EmitAsync("page", s_page)),
    ];

    private static readonly string s_page = new('x', 2000);

    // The log keeps an event for those who are in the room at that moment.
    private static async Task SendToNewRoomAsync(SocketIOServer io, ServerSocket socket, int n)
    {
        var room = $"room number {n}";
        await io.In(socket.Id).SocketsJoinAsync(room);
        await io.To(room).EmitAsync("n", n);
        await io.In(socket.Id).SocketsLeaveAsync(room);
    }

    /// <summary>Returns false if the bound was passed or the estimate is wrong.</summary>
    public static async Task<bool> MeasureAsync(int shape, int events, TextWriter output)
    {
        var options = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = TimeSpan.FromMinutes(30), MaxLogBytes = MaxLogBytes };
        await using var server = await BenchServer.StartAsync(options);
        using var client = new RawClient(server.Address, [.. Rooms, .. TenRooms]);
        await client.ConnectAsync();
        var socket = await server.NextSocketAsync();
        client.Cut();
        await server.WaitForParkedAsync(1);

        var (name, send) = Shapes[shape];
        await send(server.Io, socket, 0); // what is made once, for the first
        var before = Heap.Used() - server.LogBytes;
        var highest = 0L;
        for (var n = 1; n <= events; n++)
        {
            await send(server.Io, socket, n);
            if (n % 1000 == 0)
                highest = Math.Max(highest, server.LogBytes);
        }
        var heap = Heap.Used() - before;
        var bytes = server.LogBytes;
        await output.WriteLineAsync(
            $"| {name} | {server.LogEntries:N0} | {highest / 1048576.0:N2} of {MaxLogBytes >> 20} MiB | {heap / 1048576.0:N1} MiB | {100.0 * bytes / heap:N0} % |");
        return highest <= MaxLogBytes && Math.Abs(((double)bytes / heap) - 1) <= Tolerance;
    }
}
