using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// Events that the clients of all servers answer.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task A_broadcast_has_the_answers_of_the_clients_of_all_servers()
    {
        var hosts = await StartAsync(3);
        var clients = new[] { await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[2]), await JoinAsync(hosts[2]) };
        var asked = hosts[1].Io.EmitWithAckAsync<int>("number", "please");
        for (var i = 0; i < clients.Length; i++)
            await clients[i].AnswerAsync($"{i + 1}");
        var answers = await asked.Within();
        Assert.Equal([1, 2, 3, 4], answers.Responses.Order());
        Assert.Equal((0, 0), (answers.Missing, answers.SilentServers));
    }

    [Fact]
    public async Task Questions_and_answers_between_servers_may_be_binary()
    {
        var hosts = await StartAsync(2);
        var client = await JoinAsync(hosts[1]);
        var asked = hosts[0].Io.EmitWithAckAsync<byte[]>("bytes", new byte[] { 1, 2, 3 });
        var question = await client.ReadAsync();
        Assert.StartsWith("451-", question, StringComparison.Ordinal);
        Assert.EndsWith("""["bytes",{"_placeholder":true,"num":0}]""", question, StringComparison.Ordinal);
        Assert.Equal("010203", await client.ReadAsync());
        await client.SendAsync($$"""461-{{question[4..question.IndexOf('[', StringComparison.Ordinal)]}}[{"_placeholder":true,"num":0}]""");
        await client.SendBinaryAsync([4, 5]);
        Assert.Equal([4, 5], Assert.Single((await asked.Within()).Responses));
    }

    [Fact]
    public async Task A_question_has_its_place_among_the_events_of_its_server()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        var before = hosts[0].Io.EmitAsync("before");
        var asked = hosts[0].Io.EmitWithAckAsync<int>("question");
        var behind = hosts[0].Io.EmitAsync("behind");
        foreach (var client in new[] { a, b })
        {
            Assert.Equal("""42["before"]""", await client.ReadAsync());
            await client.AnswerAsync("1");
            Assert.Equal("""42["behind"]""", await client.ReadAsync());
        }
        await Task.WhenAll(before, behind).Within();
        Assert.Equal(2, (await asked.Within()).Responses.Count);
    }

    [Fact]
    public async Task A_broadcast_that_nobody_gets_is_answered_at_once()
    {
        var hosts = await StartAsync(3);
        await JoinAsync(hosts[1]);
        var answers = await hosts[0].Io.To("nobody").EmitWithAckAsync<int>("anybody?").Within();
        Assert.Empty(answers.Responses);
        Assert.Equal((0, 0), (answers.Missing, answers.SilentServers));
    }

    [Fact]
    public async Task When_the_time_is_up_the_answers_that_came_are_there_and_nobody_keeps_the_question()
    {
        var hosts = await StartAsync(2);
        var (a, b, silent) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        var asked = hosts[0].Io.Timeout(TimeSpan.FromSeconds(2)).EmitWithAckAsync<string>("question");
        await a.AnswerAsync("\"a\"");
        await b.AnswerAsync("\"b\"");
        var question = await silent.ReadAsync();
        await a.AssertNothingMoreAsync(); // its server has had its answer
        await b.AssertNothingMoreAsync();
        await SettleAsync();
        var answers = await hosts[0].WhileTimePassesAsync(asked);
        Assert.Equal(["a", "b"], answers.Responses.Order());
        Assert.Equal((1, 0), (answers.Missing, answers.SilentServers));

        Assert.Equal(1, silent.Socket.Session.Acks.Count); // by the clock of its own server the time is not up
        hosts[1].Time.Advance(2_000);
        Assert.Equal(0, silent.Socket.Session.Acks.Count);
        await silent.SendAsync(Peer.Answer(question, "\"late\""));
        await silent.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_client_that_leaves_without_an_answer_is_not_waited_for()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        var asked = hosts[0].Io.EmitWithAckAsync<int>("question");
        await b.ReadAsync();
        await b.SendAsync("41");
        await a.AnswerAsync("1");
        var answers = await asked.Within(); // nobody has moved the clock
        Assert.Equal([1], answers.Responses);
        Assert.Equal(1, answers.Missing);
    }

    [Fact]
    public async Task A_server_that_leaves_is_not_waited_for()
    {
        var hosts = await StartAsync(3);
        var (a, b, c) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[2]));
        var mute = await JoinMuteAsync();
        await Waiting.Until(() => hosts[0].Io.ServerCount == 4);
        var asked = hosts[0].Io.EmitWithAckAsync<int>("question");
        await a.AnswerAsync("1");
        await b.AnswerAsync("2");
        await c.ReadAsync();
        await SettleAsync();
        Assert.False(asked.IsCompleted);
        await mute.DisposeAsync(); // has not even said how many it has asked
        await StopAsync(hosts[2]); // has, and its client has not answered
        var answers = await asked.Within();
        Assert.Equal([1, 2], answers.Responses.Order());
        Assert.Equal((1, 0), (answers.Missing, answers.SilentServers));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_told_of_when_the_time_is_up()
    {
        var hosts = await StartAsync(2);
        var client = await JoinAsync(hosts[1]);
        await using var mute = await JoinMuteAsync();
        await Waiting.Until(() => hosts[0].Io.ServerCount == 3);
        var asked = hosts[0].Io.EmitWithAckAsync<int>("question");
        await client.AnswerAsync("1");
        await client.AssertNothingMoreAsync(); // its server has had its answer
        await SettleAsync();
        var answers = await hosts[0].WhileTimePassesAsync(asked);
        Assert.Equal([1], answers.Responses);
        Assert.Equal((0, 1), (answers.Missing, answers.SilentServers));
    }

    [Fact]
    public async Task A_question_to_the_own_clients_alone_goes_nowhere_else()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        var asked = hosts[0].Io.Local.EmitWithAckAsync<int>("question");
        await a.AnswerAsync("1");
        Assert.Equal([1], (await asked.Within()).Responses);
        await b.AssertNothingMoreAsync();
    }
}
