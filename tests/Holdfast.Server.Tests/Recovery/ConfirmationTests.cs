using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// What a PONG proves, and what a former private id is good for.
public sealed class ConfirmationTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task W5_after_a_pong_a_foreign_offset_costs_nothing()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.Io.EmitAsync("e", 1);
        await peer.ReadEventAsync();
        await BeatAsync(host, peer);
        Assert.Equal(new Checkpoint(1, 1), host.SessionOf(peer)!.Confirmed);
        await host.CutAsync(peer);
        peer.Offset = "mine";
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.True(host.SocketOf(back).Recovered);
    }

    [Fact]
    public async Task W5_what_was_sent_after_the_ping_is_not_proven_by_its_pong()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await PingAsync(host, peer);
        await host.Io.EmitAsync("e", 1);
        await peer.SendAsync("3");
        Assert.Equal("""42["e",1]""", await peer.ReadEventAsync());
        await peer.AssertNothingMoreAsync();
        await host.CutAsync(peer);
        peer.Offset = "mine";
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ForeignOffset, 0), host.SocketOf(back).Recovery);
        host.ExpectedComplaints = 1;
    }

    [Fact]
    public async Task A_ping_that_overtakes_what_waits_proves_nothing()
    {
        await using var host = await RecoveryHost.StartAsync();
        var peer = await PollingPeer.JoinAsync(host, _http);
        await host.Io.EmitAsync("e", 1); // nobody fetches it
        host.Time.Advance(TimeSpan.FromDays(1));
        var body = await peer.PollAsync();
        Assert.Equal("2", body[0]);
        Assert.StartsWith("42", body[1], StringComparison.Ordinal);
        await peer.PostAsync("3");
        Assert.Equal(new Checkpoint(0, 0), host.SessionOf(peer.Pid!)!.Confirmed);
    }

    [Fact]
    public async Task A_pong_on_the_connection_of_somebody_who_is_not_in_yet_proves_nothing_about_the_session()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(
            io => io.OnRecovering(async (_, _) =>
            {
                asked.SetResult();
                await gate.Task;
                return true;
            }),
            options: options => options.PingTimeout = TimeSpan.FromDays(10));
        using var dead = await host.JoinAsync();
        await host.Io.EmitAsync("e", 1); // never arrives
        dead.Offset = "mine";
        using var back = await host.KnockAsync(dead);
        await asked.Task.Within();
        await Waiting.Until(() => host.SessionOf(dead)!.Outlet!.UnsentBytes == 0);
        await PingAsync(host, back);
        await back.SendAsync("3");
        await back.AssertNothingMoreAsync();
        gate.SetResult();
        await back.ReadConnectAsync();
        await Waiting.Until(() => host.SocketOf(back) is { } socket && socket.Recovery.Outcome != RecoveryOutcome.Fresh);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ForeignOffset, 0), host.SocketOf(back).Recovery);
        host.ExpectedComplaints = 1;
    }

    [Fact]
    public async Task A_ping_that_went_out_before_the_replay_proves_nothing_about_it()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Of("/a"));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        using var back = await host.OpenAsync();
        await back.SendAsync("40/a,");
        await back.ReadConnectAsync();
        await Waiting.Until(() => host.Io.Of("/a").Sockets.Count == 1);
        var connection = host.Io.Of("/a").Sockets.Single().Client;

        // The clock's thread is between queueing the ping and saying so while the client comes back.
        var mark = connection.OnPinging();
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.ReadConnectAsync();
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        await Waiting.Until(() => host.SocketOf(back) is not null);
        connection.OnPingSent(mark, isLast: true);
        connection.OnPong();
        Assert.Equal(new Checkpoint(0, 0), host.SessionOf(peer)!.Confirmed);

        mark = connection.OnPinging();
        connection.OnPingSent(mark, isLast: true);
        connection.OnPong();
        Assert.Equal(new Checkpoint(1, 1), host.SessionOf(peer)!.Confirmed);
    }

    [Fact]
    public async Task W31_who_did_not_hear_that_events_were_lost_is_told_again()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxLogEntries = 1);
        using var peer = await LoseAsync(host);
        using var deaf = await host.ReturnAsync(peer);
        Assert.Equal(RecoveryReason.EventsTrimmed, host.SocketOf(deaf).Recovery.Reason);
        await host.CutAsync(deaf);
        using var again = await host.ReturnAsync(peer); // as if the answer had never arrived
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(again).Recovery);
        Assert.Equal(peer.Id, again.Id);
        Assert.NotEqual(deaf.Pid, again.Pid);
        using var unheard = await host.ReturnAsync(deaf);
        Assert.Equal(RecoveryReason.UnknownSession, host.SocketOf(unheard).Recovery.Reason);
        using var heard = await host.ReturnAsync(again);
        Assert.Equal(again.Pid, heard.Pid);
        Assert.True(host.SocketOf(heard).Recovered);
    }

    [Theory]
    [InlineData("event")]
    [InlineData("ack")]
    [InlineData("pong")]
    public async Task W31_the_former_private_id_is_gone_when_the_client_has_shown_that_it_knows_the_new_one(string how)
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxLogEntries = 1);
        using var peer = await LoseAsync(host);
        using var back = await host.ReturnAsync(peer);
        Assert.NotNull(host.SessionOf(peer));
        switch (how)
        {
            case "event":
                await back.SendAsync("42[\"e\"]");
                break;
            case "ack":
                await back.SendAsync("431[]");
                break;
            default:
                await PingAsync(host, back);
                await back.SendAsync("3");
                break;
        }
        await back.AssertNothingMoreAsync();
        Assert.Null(host.SessionOf(peer));
        Assert.NotNull(host.SessionOf(back));
    }

    [Fact]
    public async Task W31_a_pong_that_answers_an_earlier_ping_does_not_show_it()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.MaxLogEntries, options.MaxDisconnectionDuration) = (1, TimeSpan.FromDays(10)));
        using var peer = await LoseAsync(host);
        using var back = await host.OpenAsync();
        await PingAsync(host, back);
        await back.SendAsync(RecoveryHost.Connect(peer.Pid, null));
        await back.SendAsync("3"); // on its way before the answer to CONNECT was read
        await back.ReadConnectAsync();
        await back.AssertNothingMoreAsync();
        using var again = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(again).Recovery);
    }

    /// <summary>A client that has lost events and is away.</summary>
    private static async Task<Peer> LoseAsync(SocketHost host)
    {
        var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        await host.Io.EmitAsync("e", 2);
        return peer;
    }

    private static async Task PingAsync(SocketHost host, Peer peer)
    {
        await Waiting.Until(() => host.SessionOf(peer.Pid ?? "")?.Outlet is not { UnsentBytes: > 0 });
        host.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("2", await peer.ReadAsync());
    }

    private static async Task BeatAsync(SocketHost host, Peer peer)
    {
        await PingAsync(host, peer);
        await peer.SendAsync("3");
        await peer.AssertNothingMoreAsync();
    }
}
