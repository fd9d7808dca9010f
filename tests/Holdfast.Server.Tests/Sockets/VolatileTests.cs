using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// A volatile event goes out only if nothing stands before it. The test emits while it holds the gate of the connection, so that nothing leaves between two emits.
public class VolatileTests
{
    private const string Binary = "451-[\"b\",{\"_placeholder\":true,\"num\":0}]";

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task It_is_given_up_behind_a_plain_event(string transport) =>
        Assert.Equal(["42[\"plain\",1]"], await EmittedAsync(transport, (socket, _) =>
        [
            socket.EmitAsync("plain", 1),
            socket.Volatile.EmitAsync("volatile", 2),
        ]));

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task It_arrives_when_the_client_is_idle(string transport) =>
        Assert.Equal(["42[\"volatile\",1]"], await EmittedAsync(transport, (socket, _) => [socket.Volatile.EmitAsync("volatile", 1)]));

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Only_the_first_of_two_in_a_row_arrives(string transport) =>
        Assert.Equal(["42[\"volatile\",1]"], await EmittedAsync(transport, (socket, _) =>
        [
            socket.Volatile.EmitAsync("volatile", 1),
            socket.Volatile.EmitAsync("volatile", 2),
        ]));

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Only_the_first_of_two_binary_ones_in_a_row_arrives_and_it_is_whole(string transport) =>
        Assert.Equal([Binary, "010203"], await EmittedAsync(transport, (socket, _) =>
        [
            socket.Volatile.EmitAsync("b", new byte[] { 1, 2, 3 }),
            socket.Volatile.EmitAsync("b", new byte[] { 4, 5, 6 }),
        ]));

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Only_the_first_of_two_binary_broadcasts_in_a_row_arrives_and_it_is_whole(string transport) =>
        Assert.Equal([Binary, "010203"], await EmittedAsync(transport, (_, io) =>
        [
            io.Volatile.EmitAsync("b", new byte[] { 1, 2, 3 }),
            io.Volatile.EmitAsync("b", new byte[] { 4, 5, 6 }),
        ]));

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task The_plain_ones_around_one_that_is_given_up_arrive(string transport) =>
        Assert.Equal(["42[\"plain\",1]", "42[\"plain\",3]"], await EmittedAsync(transport, (socket, _) =>
        [
            socket.EmitAsync("plain", 1),
            socket.Volatile.EmitAsync("volatile", 2),
            socket.EmitAsync("plain", 3),
        ]));

    [Fact]
    public async Task Over_polling_it_is_given_up_while_no_poll_waits()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var client = await RawClient.ConnectAsync(host, "polling");
        await Waiting.Until(() => host.Io.Sockets.FindSocket(client.Id) is { Connected: true });
        await host.Io.Volatile.EmitAsync("volatile", 1);
        await host.Io.EmitAsync("end");
        Assert.Empty(await client.ReadUntilAsync("42[\"end\"]"));
    }

    [Fact]
    public async Task A_question_that_is_given_up_runs_into_its_time_limit()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var client = await RawClient.ConnectAsync(host, "polling");
        await Waiting.Until(() => host.Io.Sockets.FindSocket(client.Id) is { Connected: true });
        var question = host.Io.Sockets.FindSocket(client.Id)!.Volatile.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("question");
        host.Time.Advance(1_000);
        await Assert.ThrowsAsync<AckTimeoutException>(() => question.Within());
        await host.Io.EmitAsync("end");
        Assert.Empty(await client.ReadUntilAsync("42[\"end\"]"));
    }

    private static async Task<string[]> EmittedAsync(string transport, Func<ServerSocket, SocketIOServer, Task[]> emit)
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var client = await RawClient.ConnectAsync(host, transport);
        await Waiting.Until(() => host.Io.Sockets.FindSocket(client.Id) is { Connected: true });
        var socket = host.Io.Sockets.FindSocket(client.Id)!;
        client.Listen();
        await socket.IsIdleAsync();
        Task[] emits;
        lock (socket.Binding.Outlet.Gate)
            emits = emit(socket, host.Io);
        await Task.WhenAll(emits).Within();
        await socket.EmitAsync("end");
        return await client.ReadUntilAsync("42[\"end\"]");
    }
}
