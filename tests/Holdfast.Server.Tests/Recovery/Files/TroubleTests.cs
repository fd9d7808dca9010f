using System.Collections.Concurrent;
using Holdfast.Recovery.Files;
using Holdfast.Testing;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>What a log says of its troubles, and how it finds out that they are over.</summary>
public class TroubleTests
{
    private const int Enospc = 28;

    [Fact]
    public async Task A_disk_that_refuses_is_told_of_once_and_that_it_takes_again_is_found_out_although_nobody_writes()
    {
        await using var rig = new FolderRig();
        var said = new Sayings();
        var fault = 0;
        var (log, read) = await rig.StartAsync(options => options with { Logger = said, Append = (file, bytes) => fault == 0 ? Libc.Append(file, bytes) : -fault });
        await log.AppendAsync("before");
        fault = Enospc;
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("refused"));
        await rig.LookAsync(log);
        Assert.NotNull(log.Problem);
        Assert.False(log.HasFailed);
        Assert.StartsWith("Warning: Connection state recovery has lost its log: The log can't be written: ", Assert.Single(said.Lines), StringComparison.Ordinal);

        fault = 0;
        rig.Time.Advance(1000);
        await Waiting.Until(() => said.Lines.Count == 2);
        Assert.Null(log.Problem);
        Assert.Equal("Information: The log of connection state recovery works again.", said.Lines.Last());
        await log.AppendAsync("after");
        await log.CatchUpAsync();
        Assert.Equal(["before", "after"], read.Texts);
        Assert.Empty(read.Gaps);
        await rig.LookAsync(log);
        Assert.Equal(2, said.Lines.Count);

        var (_, again) = await rig.StartAsync();
        Assert.Equal(["before", "after"], again.Texts);
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public async Task A_log_whose_reader_fails_has_failed_for_good_and_says_so()
    {
        await using var rig = new FolderRig();
        var said = new Sayings();
        var (log, read) = await rig.StartAsync(options => options with { Logger = said });
        read.Hook = _ => throw new InvalidOperationException("a fault of ours");
        _ = log.AppendAsync(FolderRig.Event, "x"u8.ToArray());
        await Waiting.Until(() => log.HasFailed);
        Assert.Contains("a fault of ours", log.Problem, StringComparison.Ordinal);
        await Waiting.Until(() => said.Lines.Count == 1);
        Assert.StartsWith("Warning: Connection state recovery has lost its log: The log has failed: a fault of ours", said.Lines.Single(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.AppendAsync("y"));
    }

    [Fact]
    public async Task Files_that_are_too_small_for_what_is_written_are_told_of_once()
    {
        await using var rig = new FolderRig();
        var said = new Sayings();
        var (log, _) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 16_384, Needed = TimeSpan.FromMinutes(2), Logger = said });
        for (var i = 0; i < 30; i++)
        {
            await log.AppendAsync($"r{i}", 10, size: 100);
            rig.Time.Advance(1_000);
        }
        await rig.LookAsync(log);
        Assert.Matches("^Warning: The files of connection state recovery have reached 16384 bytes and hold no more than the last 00:00:[0-9]{2}, and MaxDisconnectionDuration is 00:02:00: .* Raise MaxBytes", Assert.Single(said.Lines));
    }

    [Fact]
    public async Task Files_that_hold_as_much_as_is_needed_are_not()
    {
        await using var rig = new FolderRig();
        var said = new Sayings();
        var (log, read) = await rig.StartAsync(options => options with { SegmentSize = 4096, MaxBytes = 16_384, Needed = TimeSpan.FromSeconds(10), Logger = said });
        for (var i = 0; i < 30; i++)
        {
            await log.AppendAsync($"r{i}", 10, size: 100);
            rig.Time.Advance(10_000);
        }
        await rig.LookAsync(log);
        Assert.True(read.Tail > 1);
        Assert.Empty(said.Lines);
    }

    [Fact]
    public async Task Whoever_has_given_up_the_end_of_a_log_is_not_held_up_by_it_again()
    {
        await using var rig = new FolderRig();
        using var gate = new ManualResetEventSlim(true);
        var (log, _) = await rig.StartAsync(options => options with
        {
            Append = (file, bytes) =>
            {
                gate.Wait();
                return Libc.Append(file, bytes);
            },
        });
        gate.Reset();
        var ending = log.DisposeAsync().AsTask();
        await log.DisposeAsync().Within();
        Assert.False(ending.IsCompleted);
        gate.Set();
        await ending.Within();
    }

    private sealed class Sayings : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
