using System.Collections.Concurrent;
using Holdfast.Recovery.Files;
using Holdfast.Testing;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Server.Tests.Recovery.Files;

public sealed class FileSyncTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FakeTime _time = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task With_an_interval_what_was_written_since_the_last_time_is_synced_at_once_and_what_nobody_writes_to_any_more_is_closed()
    {
        var synced = new ConcurrentQueue<string>();
        using var sync = new FileSync(TimeSpan.FromMilliseconds(100), _time);
        var segment = NewSegment((path, _) => synced.Enqueue(path));
        for (var i = 0; i < 10; i++)
            sync.Wrote(segment);
        sync.Retire(segment);
        _time.Advance(99);
        Assert.Empty(synced);
        Assert.False(segment.File.IsClosed);
        _time.Advance(1);
        await Waiting.Until(() => segment.File.IsClosed);
        Assert.Equal([_path], synced);
        Assert.Null(sync.Problem);
    }

    [Fact]
    public async Task A_sync_that_fails_is_a_problem_until_one_works()
    {
        using var sync = new FileSync(TimeSpan.FromMilliseconds(100), _time);
        sync.Wrote(new Segment(_path, new SegmentHeader(1, 1, default, default, "test"), new SafeFileHandle(1_000_000, ownsHandle: false))); // there is no such file
        _time.Advance(100);
        await Waiting.Until(() => sync.Problem is not null);
        using var sound = NewSegment();
        sync.Wrote(sound);
        _time.Advance(100);
        await Waiting.Until(() => sync.Problem is null);
    }

    [Fact]
    public void At_the_end_what_is_left_is_synced()
    {
        var synced = new ConcurrentQueue<string>();
        using var segment = NewSegment((path, _) => synced.Enqueue(path));
        using (var sync = new FileSync(TimeSpan.FromMilliseconds(100), _time))
            sync.Wrote(segment);
        Assert.Equal([_path], synced);
    }

    [Fact]
    public async Task Who_syncs_always_hears_of_nothing_that_is_not_on_the_disk_whoever_has_written_it()
    {
        await using var rig = new FolderRig();
        var onDisk = new ConcurrentDictionary<string, long>();
        var (log, read) = await rig.StartAsync(options => options with { Sync = FileSyncMode.Always, SegmentSize = 4096, Witness = (path, length) => onDisk[path] = length });
        var (other, _) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        var unsure = new ConcurrentQueue<long>();
        read.Hook = record =>
        {
            if (!onDisk.Any(file => Begin(file.Key) < record.Position && record.Position <= Begin(file.Key) + file.Value))
                unsure.Enqueue(record.Position);
        };
        for (var i = 0; i < 20; i++)
        {
            await log.AppendAsync($"own {i}", 5);
            await other.AppendAsync($"other {i}", 5);
        }
        await log.CatchUpAsync();
        Assert.Equal(200, read.Records.Length);
        Assert.True(rig.Segments.Length > 2);
        Assert.Empty(unsure);

        static long Begin(string path) => long.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task What_the_disk_refuses_is_in_the_log_with_an_open_outcome_and_after_a_loss_of_power_the_tail_is_doubtful()
    {
        await using var rig = new FolderRig();
        var isBroken = false;
        var (log, read) = await rig.StartAsync(options => options with
        {
            Sync = FileSyncMode.Always,
            Witness = (_, _) =>
            {
                if (Volatile.Read(ref isBroken))
                    throw new IOException("the disk is broken");
            },
        });
        await log.AppendAsync("before");
        Volatile.Write(ref isBroken, true);
        var refused = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("refused"));
        Assert.True(refused.OutcomeUnknown);
        Assert.Contains("the disk is broken", log.Problem, StringComparison.Ordinal);
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("refused, too"))).OutcomeUnknown);

        Volatile.Write(ref isBroken, false);
        await rig.LookAsync(log); // nobody writes: it finds out by itself
        await Waiting.Until(() => log.Problem is null);
        await log.AppendAsync("after");
        Assert.Equal(["before", "refused", "refused, too", "after"], read.Texts);
        rig.KillAll();
        var (_, again) = await rig.StartAsync(options => options with { BootId = 2, Sync = FileSyncMode.Always });
        Assert.True(again.Epochs[^1].TailMayBeLost);
        Assert.Equal(read.Texts, again.Texts);
    }

    private Segment NewSegment(SyncWitness? witness = null) => new(_path, new SegmentHeader(1, 1, default, default, "test"), Libc.OpenForAppend(_path, out _), witness);
}
