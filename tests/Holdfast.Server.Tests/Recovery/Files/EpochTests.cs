using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>What a start makes of what it finds.</summary>
public class EpochTests
{
    [Fact]
    public async Task After_a_kill_a_start_begins_an_epoch_that_says_where_the_former_one_ended_and_nothing_is_missing()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        await log.AppendAsync("a", 30);
        await log.CatchUpAsync();
        rig.KillAll();

        var (_, again) = await rig.StartAsync();
        Assert.Equal(read.Records, again.Records);
        Assert.Equal(2, again.Epochs.Length);
        Assert.Equal(read.Epochs[0], again.Epochs[0]);
        Assert.NotEqual(read.Epochs[0].Name, again.Epochs[1].Name);
        Assert.Equal((read.Records[^1].Position, false), (again.Epochs[1].FormerEnd, again.Epochs[1].TailMayBeLost));
        Assert.Equal([log.NodeId], again.Gone);
        Assert.Equal("gone", again.Story[^1]);
    }

    [Theory]
    [InlineData(FileSyncMode.Never, true)]
    [InlineData(FileSyncMode.Interval, true)]
    [InlineData(FileSyncMode.Always, false)]
    internal async Task After_a_loss_of_power_the_tail_may_be_lost_unless_every_append_was_synced(FileSyncMode sync, bool mayBeLost)
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { Sync = sync });
        await log.AppendAsync("a", 30);
        await log.CatchUpAsync();
        rig.KillAll();
        if (mayBeLost)
            rig.Cut(new FileInfo(rig.Segments[^1]).Length - 500); // back to the last sync

        var (_, again) = await rig.StartAsync(options => options with { BootId = 2, Sync = sync });
        Assert.Equal(mayBeLost, again.Epochs[1].TailMayBeLost);
        Assert.Equal(read.Records.Take(again.Records.Length), again.Records);
        Assert.Equal(mayBeLost, again.Records.Length < 30);
        Assert.Equal(again.Records[^1].Position, again.Epochs[1].FormerEnd);
        Assert.Equal(mayBeLost, read.Records[^1].Position > again.Epochs[1].FormerEnd);
    }

    [Fact]
    public async Task One_node_that_does_not_sync_is_enough_for_the_tail_to_be_doubtful()
    {
        await using var rig = new FolderRig();
        await rig.StartAsync(options => options with { Sync = FileSyncMode.Always });
        await rig.StartAsync();
        await rig.StartAsync(options => options with { Sync = FileSyncMode.Always });
        rig.KillAll();
        var (_, read) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.True(read.Epochs[^1].TailMayBeLost);
    }

    [Fact]
    public async Task Who_syncs_everything_and_starts_alone_clears_the_doubt()
    {
        await using var rig = new FolderRig();
        await rig.StartAsync();
        rig.KillAll();
        await rig.StartAsync(options => options with { Sync = FileSyncMode.Always });
        rig.KillAll();
        var (_, read) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal([false, false, false], read.Epochs.Select(epoch => epoch.TailMayBeLost));
    }

    [Fact]
    public async Task A_loss_of_power_is_noticed_though_a_restart_came_between()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.DisposeAsync().Within();
        // Clean, so no epoch; but what follows belongs to another run of the machine.
        await rig.StartAsync(options => options with { BootId = 2 });
        rig.KillAll();
        var (_, same) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal([false, false], same.Epochs.Select(epoch => epoch.TailMayBeLost));
        rig.KillAll();
        var (_, other) = await rig.StartAsync(options => options with { BootId = 1 });
        Assert.Equal([false, false, true], other.Epochs.Select(epoch => epoch.TailMayBeLost));
    }

    [Fact]
    public async Task A_clean_end_of_one_says_nothing_of_what_those_wrote_who_were_there_still()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        var (other, _) = await rig.StartAsync();
        await log.DisposeAsync().Within();
        var end = new FileInfo(rig.Segments[^1]).Length;
        await other.AppendAsync("late");
        rig.KillAll();
        rig.Cut(end); // all that had been forced onto the disk

        var (_, read) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal([false, true], read.Epochs.Select(epoch => epoch.TailMayBeLost));
    }

    [Fact]
    public async Task When_the_last_ends_cleanly_as_all_before_it_nothing_is_missing()
    {
        await using var rig = new FolderRig();
        var (killed, _) = await rig.StartAsync();
        await killed.AppendAsync("a");
        rig.KillAll();
        var (log, _) = await rig.StartAsync();
        var (other, _) = await rig.StartAsync();
        await Task.WhenAll(log.DisposeAsync().AsTask(), other.DisposeAsync().AsTask()).Within();

        var (_, read) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal([false, false], read.Epochs.Select(epoch => epoch.TailMayBeLost));
    }

    [Theory]
    [InlineData(FileSyncMode.Never)]
    [InlineData(FileSyncMode.Always)]
    internal async Task Who_begins_is_on_the_disk_before_it_serves_anybody(FileSyncMode sync)
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.DisposeAsync().Within();
        var onDisk = 0L;
        await rig.StartAsync(options => options with { Sync = sync, Witness = (_, length) => onDisk = length });
        Assert.Equal(new FileInfo(rig.Segments[^1]).Length, onDisk);
    }

    [Fact]
    public async Task One_byte_behind_a_clean_end_makes_it_unclean()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.DisposeAsync().Within();
        rig.AppendBytes([0]);
        var (second, read) = await rig.StartAsync();
        Assert.Equal(2, read.Epochs.Length);
        await second.AppendAsync("a");
        await second.CatchUpAsync();
        Assert.Equal(["a"], read.Texts);
    }

    [Fact]
    public async Task The_epoch_in_force_is_told_though_its_record_has_been_trimmed()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 8192 });
        for (var i = 0; i < 40; i++)
            await log.AppendAsync($"r{i}", 10, size: 100);
        Assert.NotEqual("0000000000000000001.log", Path.GetFileName(rig.Segments[0]));
        rig.KillAll();
        var (_, again) = await rig.StartAsync(options => options with { BootId = 2 });
        Assert.Equal(["trimmed", "epoch"], again.Story[..2]);
        Assert.Equal(read.Epochs[0], again.Epochs[0]);
        Assert.True(again.Tail > again.Epochs[0].Position);
        Assert.True(again.Epochs[1].TailMayBeLost); // the boot id comes from a header, too
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public async Task A_torn_tail_that_a_start_finds_is_passed_over_by_all_that_come_later()
    {
        await using var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.AppendAsync("a", 3);
        rig.KillAll();
        rig.Cut(new FileInfo(rig.Segments[^1]).Length - 2);

        var (second, read) = await rig.StartAsync();
        Assert.Equal(["a-1", "a-2"], read.Texts);
        Assert.Equal(read.Records[^1].Position, read.Epochs[1].FormerEnd);
        await second.AppendAsync("b", 3);
        rig.KillAll();
        var (_, third) = await rig.StartAsync();
        Assert.Equal(["a-1", "a-2", "b-1", "b-2", "b-3"], third.Texts);
        Assert.Empty(third.Gaps);
        Assert.Equal(3, third.Epochs.Length);
    }

    [Fact]
    public async Task At_each_length_that_a_file_can_be_cut_to_a_start_reads_what_is_whole_and_goes_on()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync();
        await log.AppendAsync("a", 4);
        await log.CatchUpAsync();
        var whole = await File.ReadAllBytesAsync(rig.Segments[0]);
        var records = read.Records;
        for (var length = SegmentHeader.Size; length < whole.Length; length += 3)
        {
            rig.KillAll();
            await File.WriteAllBytesAsync(rig.Segments[0], whole[..length]);
            var (again, heard) = await rig.StartAsync(options => options with { BootId = 2 });
            Assert.Equal(records.Where(record => record.Position - 1 <= length), heard.Records);
            await again.AppendAsync("b");
            await again.CatchUpAsync();
            Assert.Equal("b", heard.Texts[^1]);
            Assert.True(heard.Epochs[^1].FormerEnd - 1 <= length);
            await again.DisposeAsync().Within();
        }
    }
}
