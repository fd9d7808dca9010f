using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>What is gone or unreadable is told, whatever has become of it; and nothing else is.</summary>
public class GapTests
{
    [Fact]
    public async Task A_segment_that_is_missing_in_the_middle_is_a_gap()
    {
        await using var rig = await SeveralSegmentsAsync();
        var lost = PositionOf(rig.Segments[2]);
        var behind = PositionOf(rig.Segments[3]);
        File.Delete(rig.Segments[2]);
        var (log, read) = await rig.StartAsync();
        Assert.Equal([(lost, behind)], read.Gaps);
        Assert.DoesNotContain(read.Records, record => record.Position > lost && record.Position <= behind);
        Assert.Contains(read.Records, record => record.Position > behind);
        Assert.Contains(read.Records, record => record.Position <= lost);
        await log.AppendAsync("goes on");
        Assert.Null(log.Problem);
    }

    [Fact]
    public async Task A_segment_that_has_lost_its_end_is_a_gap_up_to_the_next()
    {
        await using var rig = await SeveralSegmentsAsync();
        var path = rig.Segments[1];
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, 1000);
        var (_, read) = await rig.StartAsync();
        var gap = Assert.Single(read.Gaps);
        Assert.InRange(gap.From, PositionOf(path), PositionOf(path) + 1000);
        Assert.Equal(PositionOf(rig.Segments[2]), gap.To);
    }

    [Fact]
    public async Task One_wrong_bit_in_a_record_is_a_gap_where_it_was()
    {
        await using var rig = new FolderRig();
        var (log, before) = await rig.StartAsync();
        await log.AppendAsync("a", 20);
        await log.CatchUpAsync();
        rig.KillAll();
        var hit = before.Records[9];
        var bytes = await File.ReadAllBytesAsync(rig.Segments[0]);
        bytes[hit.Position - 1 - 3] ^= 1; // the file begins at position 1
        await File.WriteAllBytesAsync(rig.Segments[0], bytes);

        var (_, read) = await rig.StartAsync();
        Assert.Equal([(before.Records[8].Position, hit.Position)], read.Gaps);
        Assert.Equal(before.Records.Where(record => record != hit), read.Records);
    }

    [Fact]
    public async Task A_record_that_stands_there_twice_is_read_once()
    {
        await using var rig = new FolderRig();
        var (log, before) = await rig.StartAsync();
        await log.AppendAsync("a", 5);
        await log.CatchUpAsync();
        rig.KillAll();
        var bytes = await File.ReadAllBytesAsync(rig.Segments[0]);
        rig.AppendBytes(bytes.AsSpan((int)before.Records[1].Position - 1)); // the last three
        var (next, read) = await rig.StartAsync();
        await next.AppendAsync("b");
        await next.CatchUpAsync();
        Assert.Equal(["a-1", "a-2", "a-3", "a-4", "a-5", "b"], read.Texts);
        Assert.Empty(read.Gaps);
    }

    [Fact]
    public async Task A_segment_that_disappears_under_the_nodes_is_a_gap_for_all_and_the_log_goes_on_behind_it()
    {
        await using var rig = new FolderRig();
        var (first, readFirst) = await rig.StartAsync();
        var (second, readSecond) = await rig.StartAsync();
        await first.AppendAsync("before");
        await second.CatchUpAsync();
        File.Delete(rig.Segments[0]);
        rig.Time.Advance(1000);
        await Waiting.Until(() => readFirst.Gaps.Length == 1 && readSecond.Gaps.Length == 1);
        await first.AppendAsync("after");
        await second.AppendAsync("after, too");
        await first.CatchUpAsync();
        await second.CatchUpAsync();
        Assert.Equal(["before", "after", "after, too"], readFirst.Texts);
        Assert.Equal(readFirst.Records, readSecond.Records);
        Assert.Equal(readFirst.Gaps, readSecond.Gaps);
        Assert.Empty(readFirst.Gone);
        rig.KillAll();
        var (_, again) = await rig.StartAsync();
        Assert.Equal(["after", "after, too"], again.Texts);
        Assert.Equal(readFirst.Epochs[0], again.Epochs[0]);
    }

    [Fact]
    public async Task A_segment_that_is_cut_under_a_node_is_a_gap_and_nothing_hangs()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        await log.AppendAsync("before", 20);
        rig.Cut(300);
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("x"))).OutcomeUnknown);
        Assert.NotNull(log.Problem);
        rig.Time.Advance(1000);
        await Waiting.Until(() => read.Gaps.Length == 1);
        await log.AppendAsync("after");
        Assert.Null(log.Problem);
        await log.CatchUpAsync();
        Assert.Equal("after", read.Texts[^1]);
        rig.KillAll();
        var (_, again) = await rig.StartAsync();
        Assert.Equal("after", again.Texts[^1]);
        Assert.Single(again.Gaps);
    }

    private static long PositionOf(string segment) => long.Parse(Path.GetFileNameWithoutExtension(segment), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<FolderRig> SeveralSegmentsAsync()
    {
        var rig = new FolderRig();
        var (log, _) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        for (var i = 0; i < 15; i++)
            await log.AppendAsync($"r{i}", 10, size: 100);
        Assert.True(rig.Segments.Length >= 5);
        rig.KillAll();
        return rig;
    }
}
