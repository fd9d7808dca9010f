namespace Holdfast.Server.Tests.Recovery;

public class EventLogTests
{
    [Fact]
    public void Positions_count_up_and_the_tail_stays_until_something_goes()
    {
        using var rig = new LogRig();
        Assert.Equal(1, rig.Append([]));
        Assert.Equal(2, rig.Append(["a", "b"]));
        Assert.Equal((2, 0, 2), (rig.Log.Head, rig.Log.Tail, rig.Log.Count));
    }

    [Fact]
    public void Beyond_the_most_entries_the_oldest_go()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 3);
        var session = rig.Begin();
        for (var i = 0; i < 10; i++)
            rig.Append([]);
        Assert.Equal((10, 7, 3), (rig.Log.Head, rig.Log.Tail, rig.Log.Count));
        Assert.Equal([8, 9, 10], rig.Missed(session, 0));
    }

    [Fact]
    public void W38_beyond_the_most_bytes_the_oldest_go_and_the_count_of_bytes_is_exact()
    {
        using var rig = new LogRig(options => options.MaxLogBytes = 10_000);
        for (var i = 0; i < 200; i++)
        {
            rig.Append(i % 2 == 0 ? [] : ["room"], size: 100 + (i * 7));
            Assert.InRange(rig.Log.Bytes, 0, 10_000);
        }
        Assert.InRange(rig.Log.Count, 1, 20);
        Assert.Equal(200, rig.Log.Tail + rig.Log.Count);
        rig.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0, 0L, 200L), (rig.Log.Count, rig.Log.Bytes, rig.Log.Tail));
    }

    [Fact]
    public void Tiny_events_are_bounded_in_bytes_too()
    {
        using var rig = new LogRig(options => options.MaxLogBytes = 10_000);
        for (var i = 0; i < 1_000; i++)
            rig.Append([], size: 0);
        Assert.InRange(rig.Log.Count, 1, 70);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_event_that_is_larger_than_the_bound_is_not_kept(bool behindAnother)
    {
        using var rig = new LogRig(options => options.MaxLogBytes = 1_000);
        if (behindAnother)
            rig.Append([]);
        rig.Append(["room"], size: 2_000);
        Assert.Equal((0, 0L), (rig.Log.Count, rig.Log.Bytes));
        Assert.Equal(rig.Log.Head, rig.Log.Tail);
        rig.Append([]);
        Assert.Equal(1, rig.Log.Count);
    }

    [Fact]
    public void Entries_age_out_of_a_log_that_nobody_writes_to_any_more()
    {
        using var rig = new LogRig(options => options.MaxDisconnectionDuration = TimeSpan.FromSeconds(10));
        rig.Append([]);
        rig.Time.Advance(30_000);
        rig.Append(["room"]);
        rig.Time.Advance(24_900); // the first is 54.9 s old; events are kept for the duration and the time in which a dead connection may go unnoticed
        Assert.Equal(2, rig.Log.Count);
        rig.Time.Advance(200);
        Assert.Equal((1, 1), (rig.Log.Count, rig.Log.Tail));
        rig.Time.Advance(29_700);
        Assert.Equal(1, rig.Log.Count);
        rig.Time.Advance(200);
        Assert.Equal((0, 2), (rig.Log.Count, rig.Log.Tail));
        rig.Append([]);
        rig.Time.Advance(55_100);
        Assert.Equal(0, rig.Log.Count);
    }

    [Fact]
    public void An_append_takes_out_what_is_too_old_though_the_timer_is_late()
    {
        using var rig = new LogRig();
        rig.Append([]);
        rig.Append([]);
        rig.Time.AdvanceWithoutTimers(200_000);
        rig.Append([]);
        Assert.Equal((1, 2), (rig.Log.Count, rig.Log.Tail));
    }

    [Fact]
    public void What_is_not_kept_has_the_position_of_the_last_that_is()
    {
        using var rig = new LogRig();
        var (first, next) = (rig.Packet(), rig.Packet());
        rig.Log.StampCursor(first);
        Assert.EndsWith(rig.Offset(0) + "\"]", Text(first), StringComparison.Ordinal);
        rig.Append([]);
        rig.Log.StampCursor(first);
        rig.Log.StampNext(next);
        Assert.EndsWith(rig.Offset(1) + "\"]", Text(first), StringComparison.Ordinal);
        Assert.EndsWith(rig.Offset(2) + "\"]", Text(next), StringComparison.Ordinal);
    }

    private static string Text(EncodedPacket packet) => System.Text.Encoding.UTF8.GetString(packet.Text.Span);
}
