using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// The application's own say in who gets a session back, and the middlewares.
public class VetoTests
{
    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    [InlineData("throws")]
    [InlineData("throws later")]
    public async Task W32_who_is_vetoed_starts_afresh_through_the_middlewares_and_the_session_goes_on_waiting(string how)
    {
        var (allowed, middlewares) = (false, 0);
        await using var host = await RecoveryHost.StartAsync(io =>
        {
            io.Use((_, next) =>
            {
                middlewares++;
                return next();
            });
            if (how == "sync")
                io.OnRecovering((_, _) => allowed);
            else
                io.OnRecovering(async (session, handshake) =>
                {
                    Assert.True(session.IsParked);
                    Assert.Equal("null", handshake.Auth.ToString());
                    if (how == "throws" && !allowed)
                        throw new InvalidOperationException("veto");
                    await Task.Yield();
                    return how == "throws later" && !allowed ? throw new InvalidOperationException("veto") : allowed;
                });
            io.OnRecovering((_, _) => true);
        });
        using var peer = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("room");
        await host.CutAsync(peer);
        await host.Io.To(peer.Id).EmitAsync("e", 1);
        using var vetoed = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.Vetoed, 0), host.SocketOf(vetoed).Recovery);
        Assert.NotEqual(peer.Pid, vetoed.Pid);
        Assert.NotEqual(peer.Id, vetoed.Id);
        Assert.Equal(2, middlewares);
        Assert.Single(host.SocketOf(vetoed).Rooms);
        Assert.Equal(SessionStage.Parked, host.SessionOf(peer)!.Stage);
        await vetoed.AssertNothingMoreAsync();

        allowed = true;
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal(2, middlewares);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        host.ExpectedComplaints = how.StartsWith("throws", StringComparison.Ordinal) ? 1 : 0;
    }

    [Fact]
    public async Task A_vetoed_takeover_leaves_the_live_connection_alone()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnRecovering((_, _) => false));
        using var peer = await host.JoinAsync();
        using var vetoed = await host.ReturnAsync(peer);
        Assert.NotEqual(peer.Pid, vetoed.Pid);
        await host.Io.EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await peer.ReadEventAsync());
    }

    [Fact]
    public async Task The_veto_is_not_asked_about_another_users_session_or_about_none()
    {
        var asked = 0;
        await using var host = await RecoveryHost.StartAsync(io => io.OnRecovering((_, _) => ++asked > 0));
        using var peer = await host.JoinAsync("&user=a");
        using var other = await host.ReturnAsync(peer, "&user=b");
        using var unknown = await host.JoinAsync(connect: RecoveryHost.Connect(PrivateId.Create(), null));
        Assert.Equal(0, asked);
        using var back = await host.ReturnAsync(peer, "&user=a");
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Middlewares_run_for_a_recovered_client_as_the_option_says(bool skip, int runs)
    {
        var ran = 0;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use((_, next) =>
            {
                ran++;
                return next();
            }),
            options => options.SkipMiddlewares = skip);
        using var peer = await host.JoinAsync();
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal(runs, ran);
    }

    [Fact]
    public async Task W9_when_events_were_lost_the_middlewares_run_whatever_the_option_says()
    {
        var outcomes = new List<RecoveryOutcome>();
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use((socket, next) =>
            {
                outcomes.Add(socket.Recovery.Outcome);
                return next();
            }),
            options => options.MaxLogEntries = 1);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        await host.Io.EmitAsync("e", 2);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal([RecoveryOutcome.Fresh, RecoveryOutcome.StateOnly], outcomes);
    }

    [Fact]
    public async Task W22_who_is_refused_gets_nothing_and_leaves_no_trace()
    {
        var runs = 0;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (socket, next) =>
            {
                if (runs++ != 1)
                {
                    await next();
                    return;
                }
                socket.Data.Set("name", "Mallory");
                socket.Data.Remove("kept");
                await socket.JoinAsync("mallory");
                await socket.LeaveAsync("room");
                await socket.EmitAsync("from the middleware");
                Assert.Equal(["mallory", socket.Id], socket.Rooms.OrderBy(room => room == socket.Id));
                throw new ConnectRejectedException("no");
            }),
            options => options.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        var socket = host.SocketOf(peer);
        socket.Data.Set("name", "Ada");
        socket.Data.Set("kept", 1);
        await socket.JoinAsync("room");
        await host.CutAsync(peer);
        await host.Io.To("room").EmitAsync("e", 1);
        using var refused = await host.KnockAsync(peer);
        Assert.Equal("""44{"message":"no"}""", await refused.ReadAsync());
        await refused.AssertNothingMoreAsync();
        await host.Io.To("mallory").EmitAsync("e", "nobody");
        await host.Io.To("room").EmitAsync("e", 2);

        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal("""42["e",1]""", await back.ReadEventAsync());
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
        var after = host.SocketOf(back);
        Assert.Equal("Ada", after.Data.Get<string>("name"));
        Assert.Equal(1, after.Data.Get<int>("kept"));
        Assert.Equal(["room", peer.Id], after.Rooms.OrderBy(room => room == peer.Id));
    }

    [Fact]
    public async Task W13_what_a_middleware_emits_and_joins_comes_true_behind_the_answer_and_the_replay()
    {
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (socket, next) =>
            {
                await socket.EmitAsync("welcome", 1);
                await socket.JoinAsync("in");
                if (socket.Recovered)
                    await socket.LeaveAsync("out");
                socket.Data.Set("seen", socket.Data.Get<int>("seen") + 1);
                await next();
            }),
            options => options.SkipMiddlewares = false);
        using var peer = await host.JoinAsync();
        Assert.Equal("""42["welcome",1]""", await peer.ReadEventAsync());
        await host.SocketOf(peer).JoinAsync("out");
        await host.CutAsync(peer);
        await host.Io.To("out").EmitAsync("e", 2);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        Assert.Equal("""42["welcome",1]""", await back.ReadEventAsync());
        Assert.Equal(2, host.SocketOf(back).Data.Get<int>("seen"));
        Assert.Equal(["in", peer.Id], host.SocketOf(back).Rooms.OrderBy(room => room == peer.Id));

        // Its emits are kept like all others.
        await host.CutAsync(back);
        back.Offset = peer.Offset;
        using var third = await host.ReturnAsync(back);
        Assert.Equal("""42["e",2]""", await third.ReadEventAsync());
        Assert.Equal("""42["welcome",1]""", await third.ReadEventAsync());
        Assert.Equal("""42["welcome",1]""", await third.ReadEventAsync());
    }

    [Fact]
    public async Task A_session_that_expires_while_the_middlewares_run_is_not_given_out()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (_, next) =>
            {
                if (Interlocked.Increment(ref runs) == 2)
                    await gate.Task;
                await next();
            }),
            options =>
            {
                options.SkipMiddlewares = false;
                options.MaxDisconnectionDuration = TimeSpan.FromSeconds(5);
            });
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var late = await host.KnockAsync(peer);
        await Waiting.Until(() => Volatile.Read(ref runs) == 2);
        host.Time.Advance(5_000);
        gate.SetResult();
        await late.ReadConnectAsync();
        Assert.NotEqual(peer.Id, late.Id);
        await Waiting.Until(() => host.SocketOf(late) is not null);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(late).Recovery);
        Assert.Equal(3, runs); // the middlewares have not let this new session in before
    }
}
