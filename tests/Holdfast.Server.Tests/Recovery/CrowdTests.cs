using Holdfast.Server.Tests.Sockets;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>Many clients of one server.</summary>
[Collection(LoadTests.Name)]
public class CrowdTests
{
    [Fact]
    public async Task W42_a_thousand_clients_that_come_back_at_once_are_all_recovered()
    {
        const int Clients = 1_000;
        await using var host = await RecoveryHost.StartAsync();
        var peers = new Peer[Clients];
        for (var i = 0; i < Clients; i++)
            peers[i] = await host.JoinAsync();
        await Task.WhenAll(peers.Select(peer => host.CutAsync(peer)));
        for (var i = 0; i < 3; i++)
            await host.Io.EmitAsync("e", i);

        await Task.WhenAll(peers.Select(async former =>
        {
            using var back = await host.ReturnAsync(former);
            Assert.Equal((former.Id, former.Pid), (back.Id, back.Pid));
            for (var i = 0; i < 3; i++)
                Assert.Equal($"42[\"e\",{i}]", await back.ReadEventAsync());
        }));
    }

    [Fact]
    public async Task W41_an_emit_allocates_its_event_and_nothing_per_receiver()
    {
        const int Receivers = 40, SmallestObject = 24;
        await using var host = await RecoveryHost.StartAsync();
        var peers = new List<Peer> { await host.JoinAsync() };
        var withOne = await AllocatedPerEmitAsync(host);
        while (peers.Count <= Receivers)
            peers.Add(await host.JoinAsync());
        var withMany = await AllocatedPerEmitAsync(host);

        Assert.True(withMany - withOne < Receivers * SmallestObject, $"{withOne} bytes for one receiver, {withMany} for {peers.Count}");
        Assert.InRange(withOne, 1, 1_000);
        peers.ForEach(peer => peer.Dispose());
    }

    private static async Task<long> AllocatedPerEmitAsync(SocketHost host)
    {
        const int Emits = 500;
        var rounds = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Emits; i++)
            {
                var sent = host.Io.EmitAsync("e", "text");
                Assert.True(sent.IsCompletedSuccessfully);
            }
            rounds.Add((GC.GetAllocatedBytesForCurrentThread() - before) / Emits);
            await Task.Yield();
        }
        // Arrays that grow once are no cost of an emit.
        return rounds.Min();
    }
}
