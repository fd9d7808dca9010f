using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>What is too old or too much goes, and everybody is told.</summary>
public class TrimTests
{
    [Fact]
    public async Task Segments_beyond_the_bytes_that_are_kept_go_at_once_and_all_nodes_are_told()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 16_384 });
        var (other, readOther) = await rig.StartAsync(options => options with { MaxBytes = 1L << 40 });
        for (var i = 0; i < 60; i++)
        {
            await log.AppendAsync($"r{i}", 10, size: 100);
            await other.CatchUpAsync();
        }
        Assert.InRange(rig.Segments.Sum(path => new FileInfo(path).Length), 8_000, 16_384 + 4096 + 1400);
        Assert.Equal(600, readOther.Records.Length);
        await rig.LookAsync(log);
        await rig.LookAsync(other);
        Assert.Equal(read.Tail, readOther.Tail);
        Assert.EndsWith($"{read.Tail}.log", rig.Segments[0], StringComparison.Ordinal);
        Assert.Empty(read.Gaps);
        Assert.Empty(readOther.Gaps);

        rig.KillAll();
        var (_, again) = await rig.StartAsync();
        Assert.Equal(read.Tail, again.Tail);
        Assert.Equal(read.Records.Where(record => record.Position > read.Tail), again.Records);
    }

    [Fact]
    public async Task Segments_whose_end_is_older_than_the_window_go_and_the_last_one_stays()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, Window = TimeSpan.FromMinutes(2) });
        for (var i = 0; i < 8; i++)
        {
            await log.AppendAsync($"r{i}", 20, size: 100);
            rig.Time.Advance(30_000);
        }
        await rig.LookAsync(log);
        var youngest = rig.Time.GetUtcNow().UtcTicks - TimeSpan.FromMinutes(2).Ticks;
        Assert.True(read.Tail > 1);
        Assert.All(read.Records.Where(record => record.Position <= read.Tail), record => Assert.True(record.TimeTicks < youngest));
        rig.Time.Advance(600_000);
        await rig.LookAsync(log);
        Assert.Single(rig.Segments);
        rig.Time.Advance(600_000);
        await rig.LookAsync(log);
        Assert.Single(rig.Segments);
        await log.AppendAsync("still here");
    }

    [Fact]
    public async Task A_reader_that_is_overtaken_is_told_of_the_gap_and_goes_on_behind_it()
    {
        await using var rig = new FolderRig();
        var (writer, _) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 8192 });
        var (slow, read) = await rig.StartAsync();
        using var reached = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        read.Hook = _ =>
        {
            reached.Release();
            gate.Wait();
        };
        await writer.AppendAsync("seen by all");
        await reached.WaitAsync().Within();
        for (var i = 0; i < 60; i++)
            await writer.AppendAsync($"r{i}", 10, size: 100);
        var append = slow.AppendAsync("its own"); // goes into a segment that ended long ago
        read.Hook = null;
        gate.Set();
        await append;
        await writer.AppendAsync("the last");
        await slow.CatchUpAsync();

        var gap = Assert.Single(read.Gaps);
        Assert.True(gap.To > gap.From);
        Assert.DoesNotContain(read.Records, record => record.Position > gap.From && record.Position <= gap.To);
        Assert.Equal("seen by all", read.Texts[0]);
        Assert.Equal("the last", read.Texts[^1]);
        Assert.Single(read.Texts, "its own");
    }
}
