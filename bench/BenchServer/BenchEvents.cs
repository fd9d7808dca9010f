namespace Holdfast.BenchServer;

/// <summary>
/// The events of a benchmark. No handler asks for a value that it does not look at, so arguments pass through as the bytes that they came as; and the handlers are static, so that all
/// sockets share them.
/// </summary>
internal static class BenchEvents
{
    public static void AddTo(ServerSocket socket)
    {
        socket.On("echo", static (EventArguments arguments, EventContext context) => context.HasAck
            ? context.AckCoreAsync(arguments.ToArray())
            : context.Socket.EmitCoreAsync("echo", arguments.ToArray()));
        socket.On("broadcast", static (EventArgument payload, EventContext context) => context.Socket.Namespace.EmitAsync("broadcast", payload));
        socket.On("join", static async (string room, EventContext context) =>
        {
            await context.Socket.JoinAsync(room);
            await context.AckAsync();
        });
        socket.On("room", static (string room, EventArgument payload, EventContext context) => context.Socket.Namespace.To(room).EmitAsync("room", payload));
    }
}
