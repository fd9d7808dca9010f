using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// Questions and answers when the connection is lost in between.
public class AckTests
{
    [Fact]
    public async Task W14_an_answer_that_comes_on_the_next_connection_completes_its_question()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var answer = host.SocketOf(peer).Timeout(TimeSpan.FromSeconds(30)).EmitWithAckAsync<int>("question");
        var question = await peer.ReadAsync();
        await host.CutAsync(peer);
        Assert.False(answer.IsCompleted);
        using var back = await host.ReturnAsync(peer);
        await back.SendAsync(Peer.Answer(question, "7"));
        Assert.Equal(7, await answer.Within());
    }

    [Fact]
    public async Task W14_a_question_with_a_time_limit_fails_at_the_latest_when_the_session_is_over()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var answer = host.SocketOf(peer).Timeout(TimeSpan.FromHours(1)).EmitWithAckAsync<int>("question");
        await host.CutAsync(peer);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => answer.Within());
    }

    [Fact]
    public async Task W14_a_handler_that_asks_without_a_time_limit_does_not_hold_up_the_next_connection()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.On("start", async () =>
        {
            await Assert.ThrowsAsync<SocketDisconnectedException>(() => socket.EmitWithAckAsync<int>("question"));
        })));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("""42["start"]""");
        Assert.Contains("question", await peer.ReadAsync(), StringComparison.Ordinal);
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        await back.SendAsync("""42["start"]""");
        Assert.Contains("question", await back.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_to_a_client_that_is_away_fails_at_once()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var old = host.SocketOf(peer);
        await host.CutAsync(peer);
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => old.EmitWithAckAsync<int>("question").Within());
        Assert.Equal((0, 0), await host.Io.EmitWithAckAsync<int>("question").Within() is var answers ? (answers.Responses.Count, answers.Missing) : default);
        using var back = await host.ReturnAsync(peer);
        await back.AssertNothingMoreAsync();
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => old.EmitWithAckAsync<int>("question").Within()); // that socket is over
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Questions_during_a_replay_wait_behind_it_and_answers_to_the_client_do_not()
    {
        await using var host = await RecoveryHost.StartAsync(
            io => io.OnConnection(socket => socket.On("ask", () => "told")),
            options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 3; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        var one = host.SocketOf(back).EmitWithAckAsync<int>("one");
        var all = host.Io.Timeout(TimeSpan.FromHours(1)).EmitWithAckAsync<int>("all");
        await host.Io.EmitAsync("e", 3);
        await back.SendAsync("421[\"ask\"]");
        Assert.Equal("431[\"told\"]", await back.ReadAsync());
        for (var i = 1; i <= 3; i++)
            Assert.Equal($"42[\"e\",{i}]", await host.WhileTimePassesAsync(back.ReadEventAsync()));
        var question = await back.ReadAsync();
        Assert.Contains("[\"one\"]", question, StringComparison.Ordinal);
        await back.SendAsync(Peer.Answer(question, "1"));
        question = await back.ReadAsync();
        Assert.Contains("[\"all\"]", question, StringComparison.Ordinal);
        await back.SendAsync(Peer.Answer(question, "2"));
        Assert.Equal(1, await one.Within());
        Assert.Equal([2], (await all.Within()).Responses);
    }

    [Fact]
    public async Task W14_a_question_of_the_client_that_is_answered_after_the_cut_is_not_answered_on_the_next_connection()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => socket.On("slow", async () =>
        {
            entered.SetResult();
            await gate.Task;
            await socket.EmitAsync("done", 1);
            return "answer";
        })));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("421[\"slow\"]");
        await entered.Task.Within();
        await host.CutAsync(peer);
        using var back = await host.ReturnAsync(peer);
        gate.SetResult();
        Assert.Equal("""42["done",1]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }
}
