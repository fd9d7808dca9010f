using System.Text;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>Records that are read once more, by their places alone.</summary>
public sealed class StoredRecordTests : IDisposable
{
    private readonly StrictLog _complaints = new();

    public void Dispose() => _complaints.Dispose();

    [Fact]
    public async Task All_of_them_in_any_choice_out_of_all_segments()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 64 * 1024, MaxRecordBytes = 256 * 1024 });
        for (var i = 0; i < 10; i++)
        {
            await log.AppendAsync($"small-{i}", 100);
            await log.AppendAsync($"middle-{i}", 3, size: 30_000);
            await log.AppendAsync($"large-{i}", 1, size: 200_000);
        }
        await read.UntilCount(1040);
        Assert.InRange(rig.Segments.Length, 10, 100);

        foreach (var every in (int[])[1, 2, 7, 50, 333])
        {
            var chosen = read.Records.Where((_, i) => i % every == 0).ToArray();
            Assert.Equal(chosen.Select(record => record.Text), await ReadAsync(log, chosen));
        }
        Assert.Empty(await log.ReadAsync([]).Within());
        Assert.Equal([read.Records[^1].Text], await ReadAsync(log, read.Records[^1]));
    }

    [Fact]
    public async Task What_stands_before_a_segment_that_is_gone_and_nothing_behind()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, Logger = _complaints });
        for (var i = 0; i < 20; i++)
            await log.AppendAsync($"r{i}", 10, size: 100);
        await read.UntilCount(200);
        var middle = rig.Segments[2];
        var (from, to) = (PositionOf(middle), PositionOf(rig.Segments[3]));
        File.Delete(middle);

        var found = await ReadAsync(log, read.Records);
        Assert.Equal(read.Records.TakeWhile(record => record.Position <= from).Select(record => record.Text), found);
        Assert.NotEmpty(found);
        var behind = read.Records.SkipWhile(record => record.Position <= to).ToArray();
        Assert.Equal(behind.Select(record => record.Text), await ReadAsync(log, behind));

        foreach (var segment in rig.Segments[..^1])
            File.Delete(segment);
        Assert.Empty(await ReadAsync(log, read.Records[..5]));
        Assert.Single(_complaints.Complaints); // a segment that was trimmed is no matter for a word; one out of the middle leaves what is before it with an end that nobody wrote
    }

    [Theory]
    [InlineData(0)] // its magic
    [InlineData(9)] // its length
    [InlineData(30)] // its head
    [InlineData(60)] // its payload
    public async Task One_whose_bytes_have_changed_is_none_and_that_is_told(int at)
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Logger = _complaints });
        await log.AppendAsync("r", 10, size: 100);
        await read.UntilCount(10);
        Change(rig.Segments[0], (int)(read.Records[4].Position - PositionOf(rig.Segments[0])) - 140 + at);

        Assert.Equal(read.Records[..4].Select(record => record.Text), await ReadAsync(log, read.Records));
        Assert.Equal(read.Records[5..].Select(record => record.Text), await ReadAsync(log, read.Records[5..]));
        var complaint = Assert.Single(_complaints.Complaints);
        Assert.Contains(rig.Segments[0], complaint, StringComparison.Ordinal);
        Assert.Contains("something else than what was written", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_none_holds_no_record()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Logger = _complaints });
        await log.AppendAsync("r", 10, size: 100);
        await read.UntilCount(10);
        var third = read.Records[2].Position;

        Assert.Empty(await log.ReadAsync([new RecordPlace(third, 99)]).Within());
        Assert.Empty(await log.ReadAsync([new RecordPlace(third + 1, 100)]).Within());
        Assert.Empty(await log.ReadAsync([new RecordPlace(third, 240)]).Within()); // two records are not one
        Assert.Empty(await log.ReadAsync([new RecordPlace(read.Records[^1].Position + 140, 100)]).Within());
        Assert.Equal(4, _complaints.Complaints.Count);
    }

    [Fact]
    public async Task A_header_that_is_broken_is_a_loss_and_no_failure()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Logger = _complaints });
        await log.AppendAsync("r", 10, size: 100);
        await read.UntilCount(10);
        Change(rig.Segments[0], 100);

        Assert.Empty(await ReadAsync(log, read.Records));
        Assert.Contains("broken", Assert.Single(_complaints.Complaints), StringComparison.Ordinal);
        await log.AppendAsync("after");
        Assert.Null(log.Problem);
    }

    [Fact]
    public async Task Many_at_once_beside_a_log_that_is_written_to()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 64 * 1024 });
        await log.AppendAsync("r", 500, size: 500);
        await read.UntilCount(500);
        var records = read.Records;

        var reads = Enumerable.Range(0, 50).Select(i => ReadAsync(log, records[i..])).ToArray();
        await log.AppendAsync("more", 500, size: 500);

        for (var i = 0; i < reads.Length; i++)
            Assert.Equal(records[i..].Select(record => record.Text), await reads[i]);
    }

    [Fact]
    public async Task A_log_that_has_ended_says_so_and_those_who_are_reading_are_answered()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        await log.AppendAsync("r", 500, size: 500);
        await read.UntilCount(500);
        var records = read.Records;

        var reads = Enumerable.Range(0, 50).Select(_ => ReadAsync(log, records)).ToArray();
        await log.DisposeAsync();

        foreach (var one in reads)
        {
            try
            {
                Assert.Equal(500, (await one).Length);
            }
            catch (RecoveryUnavailableException ended)
            {
                Assert.Equal("The log has been closed.", ended.Message);
            }
        }
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => ReadAsync(log, records));
        await using var never = new FileLog(rig.Options);
        await Assert.ThrowsAsync<InvalidOperationException>(() => never.ReadAsync([]));
    }

    private static async Task<string[]> ReadAsync(FileLog log, params Recording.Heard[] records)
    {
        var payloads = await log.ReadAsync([.. records.Select(record => new RecordPlace(record.Position, Encoding.UTF8.GetByteCount(record.Text)))]).Within();
        return [.. payloads.Select(payload => Encoding.UTF8.GetString(payload.Span))];
    }

    private static long PositionOf(string segment) => long.Parse(Path.GetFileNameWithoutExtension(segment), System.Globalization.CultureInfo.InvariantCulture);

    private static void Change(string path, int at)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, at);
        one[0] ^= 1;
        RandomAccess.Write(file, one, at);
    }
}
