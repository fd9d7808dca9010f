using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// Several clients with one private id, as when a tab is duplicated with what it has stored.
public class ContestTests
{
    [Fact]
    public async Task W34_the_third_takeover_of_a_living_connection_starts_afresh_and_the_session_waits_for_the_one_that_had_it()
    {
        await using var host = await RecoveryHost.StartAsync();
        var holder = await TakeOverTwiceAsync(host);

        using var third = await host.KnockAsync(holder);
        Assert.Equal("closed", await holder.ReadAsync());
        await holder.AnswerCloseAsync();
        await third.ReadConnectAsync();

        Assert.NotEqual(holder.Id, third.Id);
        await Waiting.Until(() => host.SocketOf(third) is { Connected: true });
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.ContestedSession, 0), host.SocketOf(third).Recovery);
        using var back = await host.ReturnAsync(holder);
        Assert.Equal(holder.Id, back.Id);
        await third.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_dead_connection_is_taken_over_after_all_when_it_has_not_answered_for_two_seconds()
    {
        await using var host = await RecoveryHost.StartAsync();
        var holder = await TakeOverTwiceAsync(host);

        using var third = await host.KnockAsync(holder);
        Assert.Equal("closed", await holder.ReadAsync());
        await host.Io.EmitAsync("e", 1);
        await host.WhileTimePassesAsync(third.ReadConnectAsync().ContinueWith(_ => true, TaskScheduler.Default));

        Assert.Equal((holder.Id, holder.Pid), (third.Id, third.Pid));
        Assert.Equal("""42["e",1]""", await third.ReadEventAsync());
    }

    [Fact]
    public async Task Takeovers_that_lie_further_apart_are_no_contest()
    {
        await using var host = await RecoveryHost.StartAsync();
        var holder = await TakeOverTwiceAsync(host);
        host.Time.Advance(TimeSpan.FromSeconds(10));

        using var third = await host.ReturnAsync(holder);

        Assert.Equal((holder.Id, holder.Pid), (third.Id, third.Pid));
    }

    [Fact]
    public async Task A_poll_on_the_connection_that_had_to_give_way_shows_that_its_client_is_there()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var http = new HttpClient();
        var endpoint = host.Address + "/socket.io/?EIO=4&transport=polling";
        var opened = await http.GetStringAsync(new Uri(endpoint));
        var polling = new Uri($"{endpoint}&sid={opened.Split('"')[3]}");
        using var connect = await http.PostAsync(polling, new StringContent("40"));
        var ids = (await http.GetStringAsync(polling)).Split('"');
        var first = new Peer(new System.Net.WebSockets.ClientWebSocket()) { Id = ids[3], Pid = ids[7] };

        using var second = await host.ReturnAsync(first);
        Assert.Null(host.SessionOf(second)!.LastContest);
        using var late = await http.GetAsync(polling);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, late.StatusCode);
        Assert.NotNull(host.SessionOf(second)!.LastContest);
    }

    /// <summary>The one that has the session after two takeovers of connections that answered.</summary>
    private static async Task<Peer> TakeOverTwiceAsync(SocketHost host)
    {
        var holder = await host.JoinAsync();
        for (var i = 0; i < 2; i++)
        {
            host.Time.Advance(TimeSpan.FromMilliseconds(1));
            var before = host.SessionOf(holder)!.LastContest;
            var next = await host.ReturnAsync(holder);
            Assert.Equal((holder.Id, holder.Pid), (next.Id, next.Pid));
            Assert.Equal("closed", await holder.ReadAsync());
            await holder.AnswerCloseAsync();
            await Waiting.Until(() => host.SessionOf(next)!.LastContest != before);
            holder = next;
        }
        return holder;
    }
}
