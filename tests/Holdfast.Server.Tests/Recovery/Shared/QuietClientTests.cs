using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

// A client that nothing is sent to for long: what its node has written of it is as old as that, and must be young enough when the node is killed.
public class QuietClientTests
{
    private readonly LoopbackLog _log = new();

    [Theory]
    [InlineData(60)]
    [InlineData(125)]
    [InlineData(145)]
    [InlineData(190)]
    public async Task A_client_that_has_heard_nothing_for_long_is_recovered_when_its_node_is_killed_however_much_the_others_have_heard(int seconds)
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var client = await a.Host.JoinAsync();

        await PassAsync(seconds, a, b, client);
        a.Log.Die();
        await b.Io.To(client.Id).EmitAsync("missed", 1).Within();

        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Recovered, RecoveryReason.None, 1), b.Host.SocketOf(back).Recovery);
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task A_client_that_has_heard_nothing_for_long_and_is_cut_while_an_event_is_on_its_way_to_it_is_recovered_on_another_node()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var client = await a.Host.JoinAsync();
        await a.Io.EmitAsync("seen", 1).Within();
        Assert.Equal("42[\"seen\",1]", await client.ReadEventAsync());

        await PassAsync(300, a, b, client);
        await a.Io.EmitAsync("missed", 2).Within();
        await a.Host.CutAsync(client);

        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal(new RecoveryResult(RecoveryOutcome.Recovered, RecoveryReason.None, 1), b.Host.SocketOf(back).Recovery);
        Assert.Equal("42[\"missed\",2]", await back.ReadEventAsync());
    }

    /// <summary>Others hear of something, and the client of nothing.</summary>
    private async Task PassAsync(int seconds, LoopbackHost a, LoopbackHost b, Peer client)
    {
        for (var passed = 1; passed <= seconds; passed++)
        {
            a.Host.Time.Advance(TimeSpan.FromSeconds(1));
            b.Host.Time.Advance(TimeSpan.FromSeconds(1));
            if (passed % 100 == 0)
                await AnswerPingAsync(client);
            if (passed % 10 == 5)
                await b.Io.To("others").EmitAsync("e", passed).Within();
            if (passed % 20 == 0)
                await LetWriteAsync(a, passed);
        }
    }

    private Task<LoopbackHost> StartAsync() => LoopbackHost.StartAsync(
        _log.Join(),
        recovery: recovery => recovery.MaxDisconnectionDuration = TimeSpan.FromSeconds(20),
        options: options => (options.PingInterval, options.PingTimeout) = (TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(10)));

    private static async Task AnswerPingAsync(Peer client)
    {
        Assert.Equal("2", await client.ReadAsync());
        await client.SendAsync("3");
        await client.AssertNothingMoreAsync();
    }

    /// <summary>The session is written about once in 65 seconds. Time that a test moves would run away from the threads that do it.</summary>
    private async Task LetWriteAsync(LoopbackHost node, int passed)
    {
        await node.Host.WhileTimePassesAsync(WrittenAsync());

        async Task<bool> WrittenAsync()
        {
            await Waiting.Until(() => _log.CountOf(LogRecordKind.Session) > passed / 67);
            return true;
        }
    }
}
