using Holdfast.Testing;

namespace Holdfast.Cost.Tests;

/// <summary>An emit allocates its event, once: the array that all receivers share, what points at it, and the caller's array of arguments. With recovery also its place in the log.</summary>
public sealed class EmitTests : IDisposable
{
    private const int LogEntries = 500; // full before anything is measured: then each event that comes lets one go

    private readonly OfflineServer _plain = new();
    private readonly OfflineServer _recoverable = OfflineServer.WithRecovery(options => options.MaxLogEntries = LogEntries);

    [Theory]
    [InlineData(false, 120)]
    [InlineData(true, 216)]
    public void To_one_socket(bool recovery, long stated)
    {
        var client = Server(recovery).Connect();
        var socket = client.Socket;

        Cost.Is(stated, Emitting(() => socket.EmitAsync("e", "text"), [client]));
    }

    [Theory]
    [InlineData(false, 1, 120)]
    [InlineData(false, 1000, 120)]
    [InlineData(true, 1, 216)]
    [InlineData(true, 1000, 216)]
    public void To_everybody_nothing_per_receiver(bool recovery, int receivers, long stated)
    {
        var server = Server(recovery);
        var clients = server.Connect(receivers);

        Cost.Is(stated, Emitting(() => server.Io.EmitAsync("e", "text"), clients));
    }

    [Theory]
    [InlineData(false, 1, 208)]
    [InlineData(false, 1000, 208)]
    [InlineData(true, 1, 304)]
    [InlineData(true, 1000, 304)]
    public void To_a_room_nothing_per_receiver(bool recovery, int receivers, long stated)
    {
        var server = Server(recovery);
        var clients = server.Connect(receivers);
        server.Io.SocketsJoinAsync("room");

        Cost.Is(stated, Emitting(() => server.Io.To("room").EmitAsync("e", "text"), clients));
    }

    [Theory]
    [InlineData(false, 1, 120)]
    [InlineData(false, 1000, 120)]
    [InlineData(true, 1, 216)]
    [InlineData(true, 1000, 216)]
    public void To_a_room_through_an_operator_that_is_kept(bool recovery, int receivers, long stated)
    {
        var server = Server(recovery);
        var clients = server.Connect(receivers);
        server.Io.SocketsJoinAsync("room");
        var room = server.Io.To("room");

        Cost.Is(stated, Emitting(() => room.EmitAsync("e", "text"), clients));
    }

    [Theory]
    [InlineData(false, 2, 120)]
    [InlineData(false, 1000, 120)]
    [InlineData(true, 2, 216)]
    [InlineData(true, 1000, 216)]
    public void To_everybody_else_nothing_per_receiver(bool recovery, int sockets, long stated)
    {
        var server = Server(recovery);
        var clients = server.Connect(sockets);
        var others = clients[0].Socket.Broadcast;

        Cost.Is(stated, Emitting(() => others.EmitAsync("e", "text"), clients));
    }

    [Theory]
    [InlineData(false, 120)]
    [InlineData(true, 144)]
    public void A_volatile_broadcast_leaves_no_trace(bool recovery, long stated)
    {
        var server = Server(recovery);
        var clients = server.Connect(10);
        var everybody = server.Io.Volatile;

        Cost.Is(stated, Emitting(() => everybody.EmitAsync("e", "text"), clients));
    }

    [Theory]
    [InlineData(false, 120)]
    [InlineData(true, 216)]
    public void To_everybody_while_events_wait_for_those_who_read_slowly(bool recovery, long stated)
    {
        const int Waiting = 10;
        var server = Server(recovery);
        var clients = server.Connect(1000);

        Cost.Is(stated * Waiting, Emitting(
            () =>
            {
                for (var i = 1; i < Waiting; i++)
                    server.Io.EmitAsync("e", "text");
                return server.Io.EmitAsync("e", "text");
            },
            clients));
    }

    [Fact]
    public void Joining_and_leaving_a_room_that_others_are_in()
    {
        _plain.Connect();
        _plain.Io.SocketsJoinAsync("room");
        var socket = _plain.Connect().Socket;

        Cost.Is(96, Cost.Of(() =>
        {
            socket.JoinAsync("room");
            socket.LeaveAsync("room");
        }));
    }

    [Fact]
    public void Joining_and_leaving_a_room_that_nobody_else_is_in()
    {
        var socket = _plain.Connect().Socket;

        Cost.Is(184, Cost.Of(() =>
        {
            socket.JoinAsync("room");
            socket.LeaveAsync("room");
        }));
    }

    public void Dispose()
    {
        _plain.Dispose();
        _recoverable.Dispose();
    }

    private OfflineServer Server(bool recovery) => recovery ? _recoverable : _plain;

    private static long Emitting(Func<Task> emit, OfflineClient[] clients)
    {
        // Until the log is full, and every outbox is as large as it needs to be.
        for (var i = 0; i < LogEntries; i++)
            EmitAndRead();
        return Cost.Of(EmitAndRead, operations: 20);

        void EmitAndRead()
        {
            Assert.True(emit().IsCompletedSuccessfully);
            foreach (var client in clients)
                client.Read();
        }
    }
}
