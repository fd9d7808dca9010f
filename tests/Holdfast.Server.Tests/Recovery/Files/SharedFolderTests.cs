using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>Several nodes on one folder. The clock stands still unless a test moves it, so what reaches another node has reached it by a nudge.</summary>
public class SharedFolderTests
{
    [Fact]
    public async Task A_record_reaches_the_other_nodes_at_once()
    {
        await using var rig = new FolderRig();
        var (first, readFirst) = await rig.StartAsync();
        var (second, readSecond) = await rig.StartAsync();
        var (_, readThird) = await rig.StartAsync();
        await first.AppendAsync("one");
        await readSecond.UntilCount(1);
        await second.AppendAsync("two");
        await readFirst.UntilCount(2);
        await readThird.UntilCount(2);
        Assert.All((Recording[])[readFirst, readSecond, readThird], read => Assert.Equal(["one", "two"], read.Texts));
        Assert.Equal(readFirst.Records, readThird.Records);
    }

    [Fact]
    public async Task Who_joins_begins_no_epoch_while_another_lives_and_reads_what_was_there()
    {
        await using var rig = new FolderRig();
        var (first, readFirst) = await rig.StartAsync();
        await first.AppendAsync("a", 20);
        var (_, readSecond) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal(20, readSecond.Texts.Length); // it has been told when its start is complete
        Assert.Equal(readFirst.Epochs, readSecond.Epochs);
        Assert.Single(readSecond.Epochs);
        Assert.Empty(readSecond.Gone);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_a_new_folder_find_each_other()
    {
        for (var round = 0; round < 10; round++)
        {
            await using var rig = new FolderRig();
            var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => rig.StartAsync())));
            foreach (var (log, _) in nodes)
                await log.AppendAsync(log.NodeId.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            foreach (var (log, _) in nodes)
                await log.CatchUpAsync();
            Assert.All(nodes, node => Assert.Equal(nodes[0].Read.Records, node.Read.Records));
            Assert.All(nodes, node => Assert.Equal(nodes[0].Read.Epochs, node.Read.Epochs));
            Assert.Equal(4, nodes[0].Read.Records.Length);
            Assert.Single(rig.Segments);
        }
    }

    [Fact]
    public async Task Nodes_that_start_at_once_after_a_loss_of_power_do_not_take_each_other_for_somebody_who_has_seen_it_all()
    {
        await using var rig = new FolderRig();
        var (first, _) = await rig.StartAsync();
        await first.AppendAsync("a", 10);
        for (var round = 2; round < 12; round++)
        {
            rig.KillAll();
            var bootId = (UInt128)round;
            var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => rig.StartAsync(options => options with { BootId = bootId }))));
            foreach (var (log, read) in nodes)
            {
                await log.CatchUpAsync();
                Assert.True(read.Epochs.Length >= round);
                Assert.All(read.Epochs.Skip(1), epoch => Assert.Contains(epoch, nodes[0].Read.Epochs));
            }
            Assert.Contains(nodes[0].Read.Epochs.Skip(round - 1), epoch => epoch.TailMayBeLost);
        }
    }

    [Fact]
    public async Task The_barrier_of_one_node_sees_what_another_has_been_told_is_written()
    {
        await using var rig = new FolderRig();
        var (writer, _) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        var (barrier, read) = await rig.StartAsync();
        for (var i = 1; i <= 300; i++)
        {
            await writer.AppendAsync($"r{i}".PadRight(100));
            await barrier.CatchUpAsync();
            Assert.Equal(i, read.Records.Length);
        }
    }

    [Fact]
    public async Task However_often_segments_end_under_many_writers_everybody_reads_the_same_and_each_record_once()
    {
        await using var rig = new FolderRig();
        List<(FileLog Log, Recording Read)> nodes = [];
        for (var i = 0; i < 6; i++)
            nodes.Add(await rig.StartAsync(options => options with { SegmentSize = 4096 }));
        const int Each = 1500;
        await Task.WhenAll(nodes.Select((node, i) => Task.Run(async () =>
        {
            for (var k = 0; k < Each; k += 5)
                await Task.WhenAll(Enumerable.Range(k, 5).Select(number => node.Log.AppendAsync($"{i}-{number}".PadRight(30 + (number % 90)))));
        }))).Within();
        foreach (var (log, _) in nodes)
            await log.CatchUpAsync();

        var all = nodes[0].Read;
        Assert.All(nodes, node => Assert.Equal(all.Records, node.Read.Records));
        Assert.All(nodes, node => Assert.Empty(node.Read.Gaps));
        for (var i = 0; i < nodes.Count; i++)
        {
            var own = all.Records.Where(record => record.Node == nodes[i].Log.NodeId).ToArray();
            Assert.Equal(Enumerable.Range(0, Each).Select(k => $"{i}-{k}"), own.Select(record => record.Text.TrimEnd()));
            Assert.Equal(Enumerable.Range(0, Each).Select(k => own[0].Counter + k), own.Select(record => record.Counter));
        }
        Assert.True(all.Records.Zip(all.Records.Skip(1)).All(pair => pair.First.Position < pair.Second.Position));
        Assert.True(rig.Segments.Length > 100);

        rig.KillAll();
        var (_, again) = await rig.StartAsync();
        Assert.Equal(all.Records, again.Records);
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public async Task What_lands_behind_the_end_of_a_segment_is_void_and_written_again_in_order()
    {
        await using var rig = new FolderRig();
        // The second node's writes wait until the first has ended the segment under it.
        using var mayWrite = new ManualResetEventSlim(true);
        var (sealer, readSealer) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        var (late, readLate) = await rig.StartAsync(options => options with
        {
            Append = (file, bytes) =>
            {
                mayWrite.Wait();
                return Libc.Append(file, bytes);
            },
        });
        mayWrite.Reset();
        var appends = Enumerable.Range(1, 20).Select(i => late.AppendAsync($"late-{i}")).ToArray();
        await sealer.AppendAsync("first".PadRight(5000)); // more than a segment takes
        Assert.Single(rig.Segments);
        mayWrite.Set();
        await Task.WhenAll(appends).Within();
        Assert.Equal(2, rig.Segments.Length);
        await late.CatchUpAsync();
        await sealer.CatchUpAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"late-{i}"), readLate.Texts.Where(text => text.StartsWith("late", StringComparison.Ordinal)));
        Assert.Equal(readSealer.Records, readLate.Records);
        Assert.Empty(readSealer.Gaps);
        Assert.Contains("late-1", await File.ReadAllTextAsync(rig.Segments[0]), StringComparison.Ordinal); // that is what was void
    }

    [Fact]
    public async Task Who_ends_cleanly_is_told_to_all_others_at_once()
    {
        await using var rig = new FolderRig();
        var (first, read) = await rig.StartAsync();
        var (second, _) = await rig.StartAsync();
        await second.AppendAsync("last words");
        await second.DisposeAsync().Within();
        await Waiting.Until(() => read.Gone.Length == 1);
        Assert.Equal(["trimmed", "epoch", "last words", "gone"], read.Story);
        Assert.Equal([second.NodeId], read.Gone);
        await first.AppendAsync("goes on");
    }

    [Fact]
    public async Task Who_is_there_is_told_to_everybody_once_and_before_anything_of_it()
    {
        await using var rig = new FolderRig();
        var (first, readFirst) = await rig.StartAsync();
        var (second, readSecond) = await rig.StartAsync();
        ulong[]? before = null;
        readFirst.Hook = _ => before ??= readFirst.Started;
        await second.AppendAsync("here I am");
        await readFirst.UntilCount(1);
        Assert.Equal([first.NodeId, second.NodeId], before!);
        Assert.Equal([first.NodeId, second.NodeId], readSecond.Started);
        Assert.Equal([first.NodeId, second.NodeId], readFirst.Started);
    }

    [Fact]
    public async Task Who_joins_is_told_of_those_who_have_been_silent_since_their_last_record_was_trimmed()
    {
        await using var rig = new FolderRig();
        var (silent, _) = await rig.StartAsync();
        var (writer, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 8192 });
        for (var i = 0; i < 60; i++)
            await writer.AppendAsync($"r{i}", 10, size: 100);
        await rig.LookAsync(writer);
        var (_, readLate) = await rig.StartAsync();
        Assert.True(readLate.Tail > read.Records[0].Position); // nothing of the silent one is left
        Assert.Contains(silent.NodeId, readLate.Started);
        Assert.Empty(readLate.Gone);
    }

    [Fact]
    public async Task A_stranger_in_the_folder_of_nodes_hinders_nobody()
    {
        await using var rig = new FolderRig();
        await rig.StartAsync();
        var nodes = Path.Combine(rig.Folder, "nodes");
        await File.WriteAllTextAsync(Path.Combine(nodes, "README"), "");
        await File.WriteAllTextAsync(Path.Combine(nodes, "0123456789abcdef.lock"), ""); // nobody holds it
        await File.WriteAllTextAsync(Path.Combine(nodes, "0123456789abcdef.sock"), "");
        await File.WriteAllTextAsync(Path.Combine(rig.Folder, "notes.log"), "not a segment");
        var (log, _) = await rig.StartAsync();
        await log.AppendAsync("a");
        Assert.True(File.Exists(Path.Combine(nodes, "README")));
        Assert.Empty(Directory.GetFiles(nodes, "0123456789abcdef.*"));
    }

    [Fact]
    public async Task A_folder_with_a_very_long_path_works_too()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Elsewhere the path of a socket has to fit into some hundred bytes.");
        await using var rig = new FolderRig();
        rig.Folder = Path.Combine(rig.Folder, new string('x', 200), new string('y', 200));
        var (first, _) = await rig.StartAsync();
        var (_, read) = await rig.StartAsync();
        await first.AppendAsync("a");
        await read.UntilCount(1);
    }
}
