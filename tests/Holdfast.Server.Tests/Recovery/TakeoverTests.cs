using System.Collections.Concurrent;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// A client comes back while the server still believes that its old connection lives.
public class TakeoverTests
{
    private readonly ConcurrentQueue<string> _log = new();

    [Fact]
    public async Task W1_a_live_session_moves_to_the_new_connection_and_its_handlers_run_in_order()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var old = await host.JoinAsync();
        await host.Io.EmitAsync("e", 1);
        await old.ReadEventAsync();
        await host.Io.EmitAsync("e", 2); // on its way into a dead connection
        var oldSocket = host.SocketOf(old);
        using var back = await host.ReturnAsync(old);
        Assert.Equal((old.Id, old.Pid), (back.Id, back.Pid));
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        await Waiting.Until(() => _log.Count == 5);
        Assert.Equal(["connection", "disconnect: transport close", "parked: transport close", "resumed: Recovered", "connection"], _log);
        Assert.False(oldSocket.Connected);
        Assert.NotSame(oldSocket, host.SocketOf(back));
        Assert.Single(host.Io.Sockets.Sockets);
    }

    [Fact]
    public async Task W26b_the_old_connection_is_closed_and_nothing_that_it_still_says_counts()
    {
        var heard = new ConcurrentQueue<string>();
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.On("e", (string text) => heard.Enqueue(text))));
        using var old = await host.JoinAsync();
        var oldConnection = host.SocketOf(old).Client;
        using var back = await host.ReturnAsync(old);
        Assert.Equal("closed", await old.ReadAsync());
        foreach (var late in new[] { "2[\"e\",\"late\"]", "1", "0", "no packet at all" })
            await oldConnection.OnMessageAsync(Encoding.UTF8.GetBytes(late), false).Within();
        oldConnection.OnClosed(CloseReason.PingTimeout, "long after");
        oldConnection.OnPong();

        await host.Io.EmitAsync("e", "still served");
        Assert.Equal("""42["e","still served"]""", await back.ReadEventAsync());
        await back.SendAsync("""42["e","new"]""");
        await Waiting.Until(() => !heard.IsEmpty);
        Assert.Equal(["new"], heard);
        Assert.True(host.SocketOf(back).Connected);
    }

    [Fact]
    public async Task W11_a_client_that_breaks_the_protocol_of_the_sockets_may_come_back()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("4x");
        Assert.Equal("closed", await peer.ReadAsync());
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        await Waiting.Until(() => _log.Contains("disconnect: forced close"));
    }

    [Fact]
    public async Task W11_a_frame_that_is_no_packet_of_the_connection_ends_the_session()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Record(_log.Enqueue));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("x");
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => _log.Contains("expired: Disconnected")); // the peer hears of the end a moment before the session does
        using var back = await host.ReturnAsync(peer);
        Assert.NotEqual(peer.Pid, back.Pid);
        Assert.Contains("disconnect: parse error", _log);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(back).Recovery);
    }

    [Fact]
    public async Task W37_two_connects_in_one_breath_make_one_socket()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        await using var host = await RecoveryHost.StartAsync(
            io =>
            {
                io.Record(_log.Enqueue);
                io.Use(async (_, next) =>
                {
                    if (Interlocked.Increment(ref runs) > 1)
                        await gate.Task;
                    await next();
                });
            },
            options => options.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.SendAsync("40");
        await back.AssertNothingMoreAsync();
        gate.SetResult();
        await back.ReadConnectAsync();
        Assert.Equal(peer.Pid, back.Pid);
        await Waiting.Until(() => _log.Contains("resumed: Recovered"));
        Assert.Equal(2, runs);
        await back.AssertNothingMoreAsync();

        // Once it is in, one more is out of place.
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        Assert.Equal("closed", await back.ReadAsync());
        using var again = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, again.Pid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_who_want_a_session_the_later_CONNECT_gets_it_whichever_middleware_is_done_first(bool firstComesFirst)
    {
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        gates[0].SetResult();
        var runs = 0;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (socket, next) =>
            {
                var run = Interlocked.Increment(ref runs) - 1;
                if (run < 3)
                    await gates[run].Task;
                await next();
            }),
            options => options.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var first = await host.KnockAsync(peer);
        await Waiting.Until(() => runs == 2);
        using var second = await host.KnockAsync(peer);
        await Waiting.Until(() => runs == 3);
        if (firstComesFirst)
        {
            gates[1].SetResult();
            await first.ReadConnectAsync();
            Assert.Equal(peer.Pid, first.Pid);
            gates[2].SetResult();
            Assert.Equal("closed", await first.ReadAsync());
            await second.ReadConnectAsync();
        }
        else
        {
            gates[2].SetResult();
            await second.ReadConnectAsync();
            gates[1].SetResult();
            await first.ReadConnectAsync();
            Assert.NotEqual(peer.Pid, first.Pid);
            await Waiting.Until(() => host.SocketOf(first) is not null);
            Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.Superseded, 0), host.SocketOf(first).Recovery);
        }
        Assert.Equal(peer.Pid, second.Pid);
        await host.Io.To(peer.Id).EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await second.ReadEventAsync());
    }

    [Fact]
    public async Task The_other_namespaces_of_the_old_connection_wait_for_their_own_CONNECT()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Of("/a"));
        using var old = await host.JoinAsync();
        var main = old.Pid;
        await old.SendAsync("40/a,");
        await old.ReadConnectAsync();
        var other = old.Pid;
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(main, null));
        await back.ReadConnectAsync();
        await host.Io.Of("/a").EmitAsync("e", 1);
        await back.SendAsync("40/a," + RecoveryHost.Connect(other, null)[2..]);
        await back.ReadConnectAsync();
        Assert.Equal(other, back.Pid);
        Assert.Equal("""42/a,["e",1]""", await back.ReadEventAsync());
    }
}
