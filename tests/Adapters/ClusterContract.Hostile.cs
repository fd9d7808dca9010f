using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// What makes no sense.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task What_makes_no_sense_is_ignored_and_said_once()
    {
        var hosts = await StartAsync(2, io => io.OnServerSideEmit("question", () => 1));
        var client = await JoinAsync(hosts[1]);
        hosts[0].ExpectedComplaints = hosts[1].ExpectedComplaints = HasLog ? 1 : 0;
        await SayNonsenseAsync();
        await SayNonsenseAsync();
        await SettleAsync();
        if (HasLog)
            Assert.All(hosts, host => Assert.Contains("makes no sense", Assert.Single(host.Complaints), StringComparison.Ordinal));

        await hosts[0].Io.EmitAsync("still here");
        Assert.Equal("""42["still here"]""", await client.ReadAsync());
        Assert.Equal(Ids(client), Ids(await hosts[0].Io.FetchSocketsAsync().Within()));
        Assert.Equal([1], (await hosts[0].Io.ServerSideEmitWithAckAsync<int>("question").Within()).Responses);
    }
}
