using Holdfast.OracleServer;

namespace Holdfast.ChaosServer;

/// <summary>What goes beyond the oracle. The driver asks for the list first, and leaves out what a server does not name.</summary>
internal static class ChaosEvents
{
    private static readonly string[] Features = ["leave", "kick", "kickClose", "serverJoin", "publishExcept", "publishOrRefuse", "recovery"];

    public static void AddTo(SocketIONamespace nsp) => nsp.OnConnection(socket =>
    {
        socket.On("features", () => Features);
        socket.On("recovery", () => $"{socket.Recovery.Outcome} {socket.Recovery.Reason}");
        socket.On("leave", async (string room, EventContext context) =>
        {
            await socket.LeaveAsync(room);
            await context.AckAsync();
        });
        socket.On("kick", async (string id, EventContext context) =>
        {
            await nsp.In(id).DisconnectSocketsAsync();
            await context.AckAsync();
        });
        socket.On("kickClose", async (string id, EventContext context) =>
        {
            await nsp.In(id).DisconnectSocketsAsync(close: true);
            await context.AckAsync();
        });
        socket.On("serverJoin", async (string id, string room, EventContext context) =>
        {
            await nsp.In(id).SocketsJoinAsync([room]);
            await context.AckAsync();
        });
        socket.On("serverLeave", async (string id, string room, EventContext context) =>
        {
            await nsp.In(id).SocketsLeaveAsync([room]);
            await context.AckAsync();
        });
        socket.On("publishOrRefuse", async (string room, EventArgument seq, EventArgument payload, EventContext context) =>
        {
            try
            {
                await OracleEvents.Target(nsp, room).EmitAsync("msg", seq, payload);
                await context.AckAsync();
            }
            catch (RecoveryUnavailableException unavailable)
            {
                await context.AckAsync(unavailable.OutcomeUnknown ? "unknown" : "refused");
            }
        });
        socket.On("publishExcept", async (string room, string[] except, EventArgument seq, EventArgument payload, EventContext context) =>
        {
            await OracleEvents.Target(nsp, room).Except(except).EmitAsync("msg", seq, payload);
            await context.AckAsync();
        });
    });
}
