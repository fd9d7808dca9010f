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
    public async Task One_sync_serves_all_that_wait()
    {
        using var sync = new FileSync(null, _time);
        using var segment = NewSegment();
        var appends = Enumerable.Range(0, 10).Select(_ => new PendingAppend(FolderRig.Event, default) { Write = sync.Wrote(segment) }).ToArray();
        foreach (var append in appends)
            sync.Complete(append);
        Assert.All(appends, append => Assert.False(append.Task.IsCompleted));
        sync.Begin();
        await Task.WhenAll(appends.Select(append => append.Task)).Within();
        Assert.Null(sync.Problem);
    }

    [Fact]
    public async Task What_was_written_before_a_sync_that_failed_has_an_open_outcome_even_if_a_later_one_works()
    {
        using var sync = new FileSync(null, _time);
        var broken = new Segment(_path, new SegmentHeader(1, 1, default, default, "test"), new SafeFileHandle(1_000_000, ownsHandle: false)); // there is no such file
        using var sound = NewSegment();
        var before = new PendingAppend(FolderRig.Event, default) { Write = sync.Wrote(broken) };
        var between = new PendingAppend(FolderRig.Event, default) { Write = sync.Wrote(sound) };
        sync.Complete(before);
        sync.Begin();
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => before.Task.Within())).OutcomeUnknown);
        Assert.NotNull(sync.Problem);

        var after = new PendingAppend(FolderRig.Event, default) { Write = sync.Wrote(sound) };
        sync.Complete(between);
        sync.Complete(after);
        sync.Begin();
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => between.Task.Within())).OutcomeUnknown);
        await after.Task.Within();
        Assert.Null(sync.Problem);
    }

    [Fact]
    public async Task At_the_end_what_is_left_is_synced_and_what_is_retired_is_closed()
    {
        var segment = NewSegment();
        var append = new PendingAppend(FolderRig.Event, default);
        using (var sync = new FileSync(TimeSpan.FromMilliseconds(100), _time))
        {
            append.Write = sync.Wrote(segment);
            sync.Complete(append);
            _time.Advance(99);
            Assert.False(append.Task.IsCompleted);
            _time.Advance(1);
            await append.Task.Within();
            sync.Retire(segment);
        }
        Assert.True(segment.File.IsClosed);
    }

    private Segment NewSegment() => new(_path, new SegmentHeader(1, 1, default, default, "test"), Libc.OpenForAppend(_path, out _));
}
