using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>One node on a folder.</summary>
public class FileLogTests
{
    [Fact]
    public async Task What_is_appended_comes_back_in_order_with_rising_positions_and_numbers()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        await log.AppendAsync("a", 100);
        await log.CatchUpAsync();

        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"a-{i}"), read.Texts);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => read.Records[0].Counter + i), read.Records.Select(record => record.Counter));
        Assert.All(read.Records.Zip(read.Records.Skip(1)), pair => Assert.Equal(pair.First.Position + 40 + pair.Second.Text.Length, pair.Second.Position));
        Assert.All(read.Records, record => Assert.Equal((log.NodeId, rig.Time.GetUtcNow().UtcTicks, FolderRig.Event), (record.Node, record.TimeTicks, record.Kind)));
        Assert.Null(log.Problem);
        Assert.NotEqual(0u, log.NodeId);
    }

    [Fact]
    public async Task A_new_folder_begins_with_an_epoch_at_a_position_above_zero()
    {
        await using var rig = new FolderRig();
        var (_, read) = await rig.StartAsync();
        Assert.Equal(["trimmed", "epoch"], read.Story);
        var epoch = Assert.Single(read.Epochs);
        Assert.Matches("^[A-Za-z0-9_-]{8}$", epoch.Name);
        Assert.Equal((false, 257L, 257L + 40 + 17), (epoch.TailMayBeLost, epoch.FormerEnd, epoch.Position));
        Assert.Equal(1, read.Tail);
        Assert.Equal(["0000000000000000001.log"], rig.Segments.Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_next_start_reads_everything_and_after_a_clean_end_the_epoch_goes_on()
    {
        await using var rig = new FolderRig();
        var (first, read) = await rig.StartAsync();
        await first.AppendAsync("a", 50);
        await first.DisposeAsync().Within();
        Assert.Empty(Directory.GetFiles(Path.Combine(rig.Folder, "nodes")));

        var (second, again) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal(read.Records, again.Records);
        Assert.Equal(read.Epochs, again.Epochs);
        Assert.Equal([first.NodeId], again.Gone);
        Assert.NotEqual(first.NodeId, second.NodeId);
        await second.AppendAsync("b", 1);
        await second.CatchUpAsync();
        Assert.Equal("b-1", again.Texts[^1]);
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public async Task Segments_follow_each_other_without_a_hole_and_none_is_much_larger_than_the_option_says()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        for (var i = 0; i < 40; i++)
            await log.AppendAsync($"r{i}", 10, size: 100);
        await log.CatchUpAsync();
        Assert.Equal(400, read.Records.Length);
        Assert.InRange(rig.Segments.Length, 10, 20);
        Assert.All(rig.Segments, path => Assert.InRange(new FileInfo(path).Length, 257, 4096 + 1600));
        await log.DisposeAsync().Within();

        var (_, again) = await rig.StartAsync();
        Assert.Equal(read.Records, again.Records);
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public async Task A_segment_that_is_older_than_the_window_is_followed_by_another_at_the_next_append()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Window = TimeSpan.FromMinutes(1) });
        await log.AppendAsync("old");
        rig.Time.Advance(61_000);
        Assert.Single(rig.Segments);
        await log.AppendAsync("last of it");
        await log.AppendAsync("new");
        Assert.Equal(2, rig.Segments.Length);
        await log.CatchUpAsync();
        Assert.Equal(["old", "last of it", "new"], read.Texts);
    }

    [Fact]
    public async Task Large_records_are_taken_up_to_the_limit_and_refused_beyond_it()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { MaxRecordBytes = 3_000_000 });
        var payload = new byte[3_000_001];
        Array.Fill(payload, (byte)'x');
        await log.AppendAsync(FolderRig.Event, payload.AsMemory(0, 3_000_000)).Within();
        await log.AppendAsync("small");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.AppendAsync(FolderRig.Event, payload));
        await log.AppendAsync(FolderRig.Event, default).Within();
        await log.CatchUpAsync();
        Assert.Equal([3_000_000, 5, 0], read.Texts.Select(text => text.Length));
    }

    [Fact]
    public async Task Kinds_of_the_log_itself_are_refused()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        foreach (var kind in (LogRecordKind[])[0, LogRecordKind.Seal, (LogRecordKind)15])
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.AppendAsync(kind, default));
        await log.AppendAsync((LogRecordKind)255, default).Within();
    }

    [Fact]
    public async Task Nothing_is_taken_before_the_start_and_after_the_end()
    {
        await using var rig = new FolderRig();
        var log = new FileLog(rig.Options);
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.AppendAsync(FolderRig.Event, default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.CatchUpAsync(CancellationToken.None));
        await log.StartAsync(new Recording(), CancellationToken.None).Within();
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.StartAsync(new Recording(), CancellationToken.None));
        await log.DisposeAsync().Within();
        await log.DisposeAsync().Within();
        Assert.False((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("late"))).OutcomeUnknown);
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.CatchUpAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.StartAsync(new Recording(), CancellationToken.None));
    }

    [Fact]
    public async Task The_end_takes_along_what_was_appended_before_it()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        var appends = Enumerable.Range(0, 500).Select(i => log.AppendAsync($"{i}")).ToArray();
        await log.DisposeAsync().Within();
        await Task.WhenAll(appends).Within();
        var (_, read) = await rig.StartAsync();
        Assert.Equal(500, read.Texts.Length);
    }

    [Fact]
    public async Task More_than_the_queue_holds_is_refused_and_what_is_refused_is_not_in_the_log()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { AppendQueueLimit = 1000 });
        using var reached = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        read.Hook = _ =>
        {
            reached.Release();
            gate.Wait();
        };
        var first = log.AppendAsync("first");
        await reached.WaitAsync().Within(); // the log's thread is busy from here on
        List<Task> appends = [];
        for (var i = 0; i < 20; i++)
            appends.Add(log.AppendAsync(FolderRig.Event, new byte[60]));
        var refused = appends.Where(append => append.IsFaulted).ToArray();
        read.Hook = null;
        gate.Set();
        await first;
        Assert.Equal(11, refused.Length); // 45 for the first, 100 each
        Assert.All(refused, append => Assert.False(Assert.IsType<RecoveryUnavailableException>(append.Exception!.InnerException).OutcomeUnknown));
        await Task.WhenAll(appends.Except(refused)).Within();
        await log.CatchUpAsync();
        Assert.Equal(10, read.Records.Length);
        await log.AppendAsync("there is room again");
    }

    [Fact]
    public async Task A_record_that_is_larger_than_the_queue_is_taken_when_nothing_else_waits()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { AppendQueueLimit = 10 });
        await log.AppendAsync("much more than ten bytes");
        await log.AppendAsync("and another");
        await log.CatchUpAsync();
        Assert.Equal(2, read.Records.Length);
    }

    [Fact]
    public async Task A_reader_that_throws_ends_the_log_and_everybody_is_told()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        read.Hook = _ => throw new InvalidOperationException("a fault in the reader");
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("a"))).OutcomeUnknown);
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("b"));
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.CatchUpAsync());
        Assert.Contains("a fault in the reader", log.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_can_be_given_up()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.AppendAsync("a", 10);
        using var cancel = new CancellationTokenSource();
        var other = new FileLog(rig.Options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.StartAsync(new Recording { Hook = _ => cancel.Cancel() }, cancel.Token).Within());
        await other.DisposeAsync().Within();
        Assert.Single(Directory.GetFiles(Path.Combine(rig.Folder, "nodes"), "*.lock"));
        Assert.Empty(Directory.GetFiles(Path.Combine(rig.Folder, "nodes"), "*.starting"));
    }

    [Fact]
    public async Task An_end_in_the_middle_of_a_start_ends_the_start()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.AppendAsync("a", 10);
        var other = new FileLog(rig.Options);
        Task? end = null;
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => other.StartAsync(new Recording { Hook = _ => end ??= other.DisposeAsync().AsTask() }, CancellationToken.None).Within());
        await end!.Within();
    }

    [Fact]
    public async Task Waiting_for_the_barrier_can_be_given_up()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        using var gate = new ManualResetEventSlim();
        read.Hook = _ => gate.Wait();
        var append = log.AppendAsync("a");
        using var cancel = new CancellationTokenSource();
        var barrier = log.CatchUpAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => barrier.Within());
        gate.Set();
        await append;
    }

    [Theory]
    [InlineData(FileSyncMode.Interval)]
    [InlineData(FileSyncMode.Always)]
    internal async Task With_syncs_appends_complete_too_across_segments(FileSyncMode sync)
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Sync = sync, SegmentSize = 4096 });
        for (var i = 0; i < 10; i++)
        {
            await log.AppendAsync($"r{i}", 20, size: 50);
            rig.Time.Advance(100);
        }
        await log.CatchUpAsync();
        Assert.Equal(200, read.Records.Length);
        await log.DisposeAsync().Within();
        Assert.Null(log.Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void A_log_needs_a_folder(string folder) => Assert.ThrowsAny<ArgumentException>(() => new FileLog(new FileLogOptions { Folder = folder, ApplicationName = static () => "test" }));

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        var sound = new FileLogOptions { Folder = "f", ApplicationName = static () => "test" };
        FileLogOptions[] unsound =
        [
            sound with { Sync = (FileSyncMode)7 }, sound with { SyncInterval = TimeSpan.Zero },
            sound with { Window = TimeSpan.Zero }, sound with { SegmentSize = 4095 }, sound with { MaxBytes = 1 }, sound with { MaxRecordBytes = 0 }, sound with { AppendQueueLimit = 0 },
        ];
        Assert.All(unsound, options => Assert.ThrowsAny<ArgumentException>(() => new FileLog(options)));
        Assert.NotNull(new FileLog(sound));
    }
}
