using System.Security.Cryptography;
using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>Several processes on one folder, which are stopped and killed.</summary>
public class ProcessTests
{
    [Fact]
    public async Task Three_processes_that_append_at_once_read_the_same()
    {
        await using var rig = new FolderRig();
        using var a = await NodeProcess.StartAsync(rig.Folder, "segment=20000");
        using var b = await NodeProcess.StartAsync(rig.Folder, "segment=30000");
        using var c = await NodeProcess.StartAsync(rig.Folder, "segment=25000", "sync=Interval");
        NodeProcess[] all = [a, b, c];
        foreach (var (node, i) in all.Select((node, i) => (node, i)))
            node.Say($"append n{i} 2000");
        await Task.WhenAll(all.Select(node => node.ReadAsync("done")));
        var digests = await Task.WhenAll(all.Select(node => node.AskAsync("digest")));
        Assert.StartsWith("digest 6000 ", digests[0], StringComparison.Ordinal);
        Assert.EndsWith(" gaps 0", digests[0], StringComparison.Ordinal);
        Assert.Single(digests.Distinct());

        await Task.WhenAll(all.Select(node => node.StopAsync()));
        var (_, read) = await rig.StartAsync(Large);
        Assert.Single(read.Epochs); // the last one has ended cleanly
        Assert.Equal(3, read.Gone.Length);
        for (var i = 0; i < 3; i++)
            Assert.Equal(Enumerable.Range(1, 2000).Select(k => $"n{i}-{k}"), read.Records.Where(record => record.Node == all[i].Id).Select(record => record.Text.TrimEnd()));
    }

    [Fact]
    public async Task However_often_processes_are_killed_acknowledged_records_are_there_once_and_nobody_is_stuck()
    {
        await using var rig = new FolderRig();
        var (witness, read) = await rig.StartAsync(Large);
        List<(ulong Node, string Name, string[] Acked)> killed = [];
        using var steady = await NodeProcess.StartAsync(rig.Folder, "segment=100000");
        for (var round = 0; round < 30; round += 2)
        {
            string[] names = [$"k{round}", $"k{round + 1}"];
            var nodes = await Task.WhenAll(names.Select(_ => NodeProcess.StartAsync(rig.Folder, "segment=100000")));
            foreach (var (node, name) in nodes.Zip(names))
                node.Say($"flood {name}");
            steady.Say($"append steady{round} 100");
            foreach (var (node, name) in nodes.Zip(names))
            {
                var count = RandomNumberGenerator.GetInt32(1, 400);
                List<string> acked = [];
                while (acked.Count < count)
                    acked.Add(await node.ReadAsync("ack "));
                acked.AddRange((await node.KillAsync()).Where(line => line.StartsWith("ack ", StringComparison.Ordinal)));
                killed.Add((node.Id, name, acked.Select(line => line["ack ".Length..]).ToArray()));
                node.Dispose();
            }
        }
        await witness.AppendAsync("the last");
        await witness.CatchUpAsync();
        await Waiting.Until(() => read.Gone.Length == 30);
        Assert.Equal(killed.Select(node => node.Node).Order(), read.Gone.Order());

        var byNode = read.Records.ToLookup(record => record.Node, record => record.Text.TrimEnd());
        foreach (var (node, name, acked) in killed)
        {
            var there = byNode[node].ToArray();
            // In order, without a hole, and at least as far as it was told: what is told may be cut by the kill in the middle of a line.
            Assert.Equal(Enumerable.Range(1, there.Length).Select(k => $"{name}-{k}"), there);
            var told = acked.TakeWhile((text, i) => text == $"{name}-{i + 1}").Count();
            Assert.InRange(told, acked.Length - 1, acked.Length);
            Assert.InRange(there.Length, told, told + 16 + 1);
        }
        Assert.Empty(read.Gaps);
        Assert.Single(read.Epochs); // there was always a live one
        var digest = steady.AskAsync("digest");
        Assert.EndsWith(" gaps 0", await digest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_is_stopped_holds_up_nobody_and_reads_on_when_it_goes_on()
    {
        await using var rig = new FolderRig();
        using var stopped = await NodeProcess.StartAsync(rig.Folder, "segment=50000");
        var (witness, read) = await rig.StartAsync(options => Large(options) with { SegmentSize = 50_000 });
        stopped.Say("flood s");
        for (var round = 0; round < 20; round++)
        {
            for (var k = 0; k < 100; k++)
                await stopped.ReadAsync("ack ");
            stopped.Pause();
            await witness.AppendAsync($"w{round}", 100, size: 200);
            await witness.AppendAsync($"x{round}", 100, size: 200);
            await witness.CatchUpAsync();
            Assert.Empty(read.Gone);
            stopped.Continue();
        }
        var there = (await stopped.AskAsync("digest")).Split(' ');
        Assert.Equal("0", there[^1]);
        var acked = (await stopped.KillAsync()).Count(line => line.StartsWith("ack ", StringComparison.Ordinal));
        await witness.CatchUpAsync();
        Assert.Empty(read.Gaps);
        var own = read.Records.Where(record => record.Node == stopped.Id).Select(record => record.Text.TrimEnd()).ToArray();
        Assert.Equal(Enumerable.Range(1, own.Length).Select(k => $"s-{k}"), own);
        Assert.True(own.Length >= acked);
        Assert.Equal(4000, read.Records.Count(record => record.Node == witness.NodeId));
    }

    [Fact]
    public async Task When_all_have_been_killed_the_next_start_begins_an_epoch_and_reads_all_that_was_acknowledged()
    {
        await using var rig = new FolderRig();
        var acked = 0;
        for (var round = 0; round < 3; round++)
        {
            using var node = await NodeProcess.StartAsync(rig.Folder, "segment=30000", "boot=1");
            node.Say($"append r{round} 200");
            await node.ReadAsync("done");
            acked += 200;
            await node.KillAsync();
        }
        var (log, read) = await rig.StartAsync(Large);
        Assert.Equal(acked, read.Records.Length);
        Assert.Equal(4, read.Epochs.Length);
        Assert.All(read.Epochs, epoch => Assert.False(epoch.TailMayBeLost));
        // What the killed ones have left behind is gone.
        Assert.All(Directory.GetFiles(Path.Combine(rig.Folder, "nodes")), path => Assert.Contains(NodeFolder.NameOf(log.NodeId), path, StringComparison.Ordinal));
    }

    // With the clock of the other processes.
    private static FileLogOptions Large(FileLogOptions options) => options with { MaxBytes = 1L << 40, Time = TimeProvider.System };
}
