using System.Diagnostics.Metrics;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery;

// Replays that take their time: while they last, everything else goes on.
public class SlowReplayTests
{
    /// <summary>However far the clock goes while a test waits for the server, the session is still there.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromDays(20);

    [Fact]
    public async Task W36_W42_a_replay_beyond_the_allowance_comes_as_fast_as_that_allows()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (3_000, 1_000));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 10; i++)
            await host.Io.EmitAsync("e", i, new string('x', 960)); // a little over 1,000 bytes with its frame
        using var back = await host.ReturnAsync(peer);
        for (var i = 0; i < 3; i++)
            Assert.StartsWith($"42[\"e\",{i},", await back.ReadEventAsync(), StringComparison.Ordinal);

        // Who loses the connection again gets no new allowance.
        await host.CutAsync(back);
        back.Offset = null;
        using var third = await host.ReturnAsync(back);
        await third.AssertNothingMoreAsync();
        var start = host.Time.GetTimestamp();
        for (var i = 0; i < 10; i++)
            Assert.StartsWith($"42[\"e\",{i},", await host.WhileTimePassesAsync(third.ReadEventAsync()), StringComparison.Ordinal);
        // It comes after the 3,000 bytes of the first time; the last one leaves before it is paid for.
        Assert.InRange(host.Time.GetElapsedTime(start), TimeSpan.FromSeconds(9), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task W40_a_long_replay_goes_in_slices_and_live_events_come_behind_it()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.ReplayBurst = 1 << 30);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        var ballast = new string('x', 20_000);
        var sent = 0;
        for (; sent < 600; sent++)
            await host.Io.EmitAsync("e", sent, ballast);
        using var back = await host.ReturnAsync(peer);
        var outlet = host.SessionOf(peer)!.Outlet!;
        var most = 0;
        for (var i = 0; i < sent; i++)
        {
            Assert.StartsWith($"42[\"e\",{i},", await back.ReadEventAsync(), StringComparison.Ordinal);
            if (host.SessionOf(peer)!.Stage == SessionStage.Resuming)
                most = Math.Max(most, outlet.UnsentBytes);
            if (i % 2 == 0 && sent < 1_000)
                await host.Io.EmitAsync("e", sent++, ballast);
        }
        Assert.Equal(1_000, sent);
        Assert.InRange(most, 1, 300_000);
        await back.AssertNothingMoreAsync();
        Assert.Equal(SessionStage.Live, host.SessionOf(peer)!.Stage);
    }

    [Fact]
    public async Task A_reader_that_is_overtaken_by_the_end_of_the_log_is_closed_and_told_so()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond, options.MaxLogEntries, options.MaxDisconnectionDuration) = (1, 1_000, 10, LongEnough));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 3; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        for (var i = 3; i < 14; i++) // one more than the log keeps
            await host.Io.EmitAsync("e", i);
        await AssertPrefixAsync(host, back, "42[\"e\",1,", "42[\"e\",2,");
        using var third = await host.ReturnAsync(back);
        Assert.NotEqual(peer.Pid, third.Pid);
        Assert.Equal(peer.Id, third.Id);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(third).Recovery);
    }

    [Fact]
    public async Task A_reader_that_is_overtaken_by_the_history_of_its_rooms_is_closed_and_told_so()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond, options.MaxDisconnectionDuration) = (1, 1_000, LongEnough));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 3; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",0]""", await back.ReadEventAsync());
        var socket = host.SocketOf(back);
        for (var i = 0; i < 1_001; i++)
        {
            await socket.JoinAsync("room");
            await host.Io.To("room").EmitAsync("mine", i);
            await socket.LeaveAsync("room");
        }
        await AssertPrefixAsync(host, back, "42[\"e\",1,", "42[\"e\",2,");
        using var third = await host.ReturnAsync(back);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.RoomHistoryTooLong, 0), host.SocketOf(third).Recovery);
    }

    [Fact]
    public async Task A_cut_in_the_middle_of_a_replay_loses_and_doubles_nothing()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000));
        var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 20; i++)
            await host.Io.EmitAsync("e", i);
        for (var next = 0; next < 20; next += 2)
        {
            var back = await host.ReturnAsync(peer);
            Assert.Equal(20 - next, host.SocketOf(back).Recovery.MissedCount);
            Assert.Equal($"42[\"e\",{next}]", await host.WhileTimePassesAsync(back.ReadEventAsync()));
            Assert.Equal($"42[\"e\",{next + 1}]", await host.WhileTimePassesAsync(back.ReadEventAsync()));
            await host.CutAsync(back);
            peer = back;
        }
        using var last = await host.ReturnAsync(peer);
        Assert.Equal(0, host.SocketOf(last).Recovery.MissedCount);
        await last.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W36_more_than_a_session_may_be_replayed_is_a_loss_that_is_told()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxReplayBytes = 10_000);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 11; i++)
            await host.Io.EmitAsync("e", new string('x', 1_000));
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ReplayTooLarge, 0), host.SocketOf(back).Recovery);
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W25_a_client_that_falls_over_the_same_replay_again_and_again_gets_its_state_alone()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("poison");
        for (var i = 0; i < 5; i++)
        {
            using var back = await host.ReturnAsync(peer);
            Assert.Equal(peer.Pid, back.Pid);
            Assert.StartsWith("42[\"poison\",", await back.ReadAsync(), StringComparison.Ordinal);
            host.Time.Advance(1_000);
        }
        using var last = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ReplayLoop, 0), host.SocketOf(last).Recovery);
        await last.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W20_volatile_events_are_not_sent_during_a_replay_and_are_counted()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => (options.ReplayBurst, options.ReplayBytesPerSecond) = (1, 1_000));
        var scope = host.Io.Services.GetRequiredService<IMeterFactory>();
        var dropped = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "holdfast.volatile.dropped" && ReferenceEquals(instrument.Meter.Scope, scope))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref dropped, count));
        listener.Start();
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.Volatile.EmitAsync("volatile", "to nobody");
        Assert.Equal(0, dropped);
        for (var i = 0; i < 3; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        await host.Io.Volatile.EmitAsync("volatile", "to all");
        await host.SocketOf(back).Volatile.EmitAsync("volatile", "to one");
        Assert.Equal(2, dropped);
        for (var i = 0; i < 3; i++)
            Assert.Equal($"42[\"e\",{i}]", await host.WhileTimePassesAsync(back.ReadEventAsync()));
        await back.AssertNothingMoreAsync();
    }

    /// <summary>What was promised, as much of it as was sent before the end; nothing behind a gap.</summary>
    private static async Task AssertPrefixAsync(SocketHost host, Peer peer, params string[] promised)
    {
        for (var i = 0; ; i++)
        {
            var frame = await host.WhileTimePassesAsync(peer.ReadAsync());
            if (frame == "closed")
                return;
            Assert.InRange(i, 0, promised.Length - 1);
            Assert.StartsWith(promised[i], frame, StringComparison.Ordinal);
        }
    }
}
