using Holdfast.Testing;

namespace Holdfast.Cost.Tests;

/// <summary>What a connection costs the host's process beside what the host keeps for it by itself.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly OfflineServer _plain = new();
    private readonly OfflineServer _recoverable = OfflineServer.WithRecovery();

    [Theory]
    [InlineData(false, 3_304)]
    [InlineData(true, 3_416)]
    public void To_connect_and_to_leave(bool recovery, long stated)
    {
        var server = Server(recovery);
        var client = new OfflineClient(server);

        Cost.Is(stated, Cost.OfPrepared(
            () => client,
            client =>
            {
                client.Connect();
                client.Receive("41"u8.ToArray());
                client.Cut();
            }));
    }

    [Theory]
    [InlineData(false, 1_860)]
    [InlineData(true, 1_930)]
    public void To_be_there(bool recovery, long atMost)
    {
        const int Clients = 10_000;
        var server = Server(recovery);
        server.Connect().Cut();
        var sessions = new OfflineClient[Clients];
        var before = Heap();

        for (var i = 0; i < Clients; i++)
        {
            // The client itself, which is no cost of the server's, is forgotten; its session is held by the server, and by its place in the clock.
            sessions[i] = server.Connect();
            sessions[i].ForgetWhatWasRead();
        }

        var each = (Heap() - before) / Clients;
        Assert.InRange(each, atMost * 9 / 10, atMost);
        GC.KeepAlive(sessions);
    }

    [Fact]
    public void A_poll_that_is_answered()
    {
        using var client = new OfflinePoller(_plain);
        client.Connect();
        var socket = client.Socket;

        Cost.Is(464, Cost.OfPrepared(
            () =>
            {
                socket.EmitAsync("e", "text");
                return client.NewPoll();
            },
            client.Handle));
    }

    [Fact]
    public void A_message_that_is_posted()
    {
        using var client = new OfflinePoller(_plain);
        client.Connect();
        client.Socket.On("e", static (EventArguments _) => { });

        Cost.Is(520, Cost.OfPrepared(() => client.NewPost("42[\"e\",\"text\"]"u8.ToArray()), client.Handle));
    }

    public void Dispose()
    {
        _plain.Dispose();
        _recoverable.Dispose();
    }

    private OfflineServer Server(bool recovery) => recovery ? _recoverable : _plain;

    private static long Heap()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
