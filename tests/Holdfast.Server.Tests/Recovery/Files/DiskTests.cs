using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>A disk that is full or faulty: what was refused is not in the log, what was taken is, and it heals by itself.</summary>
public class DiskTests
{
    private const int Enospc = 28;
    private const int Eio = 5;

    [Theory]
    [InlineData(Enospc)]
    [InlineData(Eio)]
    public async Task What_the_disk_refuses_fails_and_the_next_append_tries_again(int error)
    {
        await using var rig = new FolderRig();
        var fault = 0;
        var (log, read) = await rig.StartAsync(options => options with { Append = (file, bytes) => fault == 0 ? Libc.Append(file, bytes) : -fault });
        await log.AppendAsync("before");
        fault = error;
        for (var i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("refused"));
            Assert.False(refused.OutcomeUnknown);
            Assert.Equal(refused.Message, log.Problem);
        }
        fault = 0;
        await log.AppendAsync("after");
        Assert.Null(log.Problem);
        await log.CatchUpAsync();
        Assert.Equal(["before", "after"], read.Texts);
        Assert.Equal(read.Records[0].Counter + 1, read.Records[1].Counter);
    }

    [Fact]
    public async Task Of_a_write_that_stops_in_the_middle_what_is_whole_counts_and_the_rest_is_passed_over()
    {
        for (var cut = 0; cut <= 5 * 41; cut += 7)
        {
            await using var rig = new FolderRig();
            var left = int.MaxValue;
            using var gate = new ManualResetEventSlim(true);
            using var reached = new SemaphoreSlim(0);
            var (log, read) = await rig.StartAsync(options => options with
            {
                Append = (file, bytes) =>
                {
                    reached.Release();
                    gate.Wait();
                    var part = Math.Min(left, bytes.Length);
                    return part == 0 ? -Enospc : Libc.Append(file, bytes[..part]);
                },
            });
            var (_, other) = await rig.StartAsync();

            // All five go into one write, behind one that is held.
            while (reached.Wait(0))
            {
            }
            gate.Reset();
            var first = log.AppendAsync("0");
            await reached.WaitAsync().Within();
            var appends = Enumerable.Range(1, 5).Select(i => log.AppendAsync($"{i}")).ToArray();
            var isHeld = true;
            read.Hook = _ =>
            {
                if (isHeld)
                    left = cut; // from the next write on
                isHeld = false;
            };
            gate.Set();
            await first;
            var taken = new List<string> { "0" };
            for (var i = 0; i < 5; i++)
            {
                try
                {
                    await appends[i];
                    taken.Add($"{i + 1}");
                }
                catch (RecoveryUnavailableException refused)
                {
                    Assert.False(refused.OutcomeUnknown);
                }
            }
            Assert.Equal(1 + Math.Min(5, cut / 41), taken.Count);
            left = int.MaxValue;
            await log.AppendAsync("after");
            Assert.Null(log.Problem);
            await other.UntilCount(taken.Count + 1);
            Assert.Equal([.. taken, "after"], other.Texts);
            Assert.Equal(other.Records, read.Records);
            Assert.Empty(other.Gaps); // nothing is missing that was said to be there
        }
    }

    [Fact]
    public async Task A_segment_that_can_not_be_made_fails_what_waits_and_is_made_when_there_is_room()
    {
        await using var rig = new FolderRig();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096 });
        await log.AppendAsync("a".PadRight(5000)); // the next one needs a new segment
        Assert.Single(rig.Segments);
        var taken = Path.Combine(rig.Folder, "nodes", log.NodeId.ToString("x16", System.Globalization.CultureInfo.InvariantCulture) + ".segment");
        Directory.CreateDirectory(taken);
        Assert.False((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("refused"))).OutcomeUnknown);
        Assert.NotNull(log.Problem);
        Directory.Delete(taken);
        await log.AppendAsync("after");
        Assert.Null(log.Problem);
        await log.CatchUpAsync();
        Assert.Equal(2, read.Records.Length);
        Assert.Equal("after", read.Texts[^1]);
    }

    [Fact]
    public async Task A_full_disk_refuses_and_heals_when_it_has_room_again()
    {
        await using var rig = new FolderRig();
        Directory.CreateDirectory(rig.Folder);
        using var disk = Tmpfs.TryMount(rig.Folder, "size=512k");
        if (disk is null)
            Assert.Skip("Mounting a small disk takes root.");
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 64 * 1024 });
        var (second, other) = await rig.StartAsync();
        List<string> taken = [];
        var failures = 0;
        for (var round = 0; round < 3; round++)
        {
            var filler = Path.Combine(rig.Folder, "filler");
            await File.WriteAllBytesAsync(filler, new byte[150_000 + (round * 1000)]);
            var isFull = false;
            for (var i = 0; !isFull; i++)
            {
                var appends = Enumerable.Range(0, 10).Select(k => (Text: $"{round}-{i}-{k}".PadRight(900 + (k * 37)), Task: (Task?)null)).ToArray();
                for (var k = 0; k < appends.Length; k++)
                    appends[k].Task = log.AppendAsync(appends[k].Text);
                foreach (var (text, task) in appends)
                {
                    try
                    {
                        await task!;
                        taken.Add(text);
                    }
                    catch (RecoveryUnavailableException refused)
                    {
                        Assert.False(refused.OutcomeUnknown);
                        isFull = true;
                        failures++;
                    }
                }
            }
            Assert.NotNull(log.Problem);
            File.Delete(filler);
            await log.AppendAsync($"room {round}");
            taken.Add($"room {round}");
            Assert.Null(log.Problem);
            await second.CatchUpAsync();
            for (var k = rig.Segments.Length; k > 3; k--)
                File.Delete(rig.Segments[0]); // everybody has read them
        }
        Assert.True(failures > 0);
        await other.UntilCount(taken.Count);
        Assert.Equal(taken, other.Texts);
        Assert.Equal(taken, read.Texts);
        Assert.Empty(other.Gaps);
    }
}
