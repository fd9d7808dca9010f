using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery;

// What a client gets, from what it says, what its session remembers and what the log still has.
public class ResumePlanTests
{
    [Fact]
    public void W2_without_an_offset_it_gets_everything_since_its_CONNECT()
    {
        using var rig = new LogRig();
        rig.Append([]);
        var session = rig.Begin();
        Send(rig, session, 3);
        AssertRecovered(rig, session, null, 2, 3, 4);
    }

    [Fact]
    public void With_a_position_it_gets_what_came_after()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Send(rig, session, 5);
        AssertRecovered(rig, session, rig.Offset(3), 4, 5);
        AssertRecovered(rig, session, rig.Offset(5));
        AssertRecovered(rig, session, rig.Offset(0), 1, 2, 3, 4, 5);
    }

    [Fact]
    public void W3_who_has_seen_the_last_event_of_its_own_has_missed_nothing_however_old_that_is()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 10);
        var session = rig.Begin();
        Send(rig, session, 1);
        for (var i = 0; i < 100; i++)
            rig.Append(["other"]);
        AssertRecovered(rig, session, rig.Offset(1));
        rig.Time.Advance(TimeSpan.FromHours(1));
        AssertRecovered(rig, session, rig.Offset(1));
        AssertRecovered(rig, session, rig.Offset(77));
    }

    [Fact]
    public void W3_what_was_missed_after_a_cut_is_found_though_the_last_event_seen_is_gone()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 10);
        var session = rig.Begin();
        Send(rig, session, 1);
        for (var i = 0; i < 100; i++)
            rig.Append(["other"]);
        session.EndConnection(rig.Log.Head);
        for (var i = 0; i < 5; i++)
            rig.Append(["other"]);
        Send(rig, session, 2);
        AssertRecovered(rig, session, rig.Offset(1), 107, 108);
        AssertStateOnly(rig, session, rig.Offset(0), RecoveryReason.EventsTrimmed);
        AssertStateOnly(rig, session, null, RecoveryReason.EventsTrimmed);
    }

    [Fact]
    public void W3_a_confirmed_position_serves_as_a_cut_does()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 10);
        var session = rig.Begin();
        Send(rig, session, 1);
        for (var i = 0; i < 100; i++)
            rig.Append(["other"]);
        session.BeginPing();
        session.MarkPing(rig.Log.Head);
        Assert.True(session.TryConfirm());
        Assert.Equal(new Checkpoint(1, 101), session.Confirmed);
        Send(rig, session, 3);
        AssertRecovered(rig, session, rig.Offset(1), 102, 103, 104);
        AssertStateOnly(rig, session, rig.Offset(0), RecoveryReason.EventsTrimmed);
    }

    [Fact]
    public void A_confirmed_position_never_hides_what_the_client_says_that_it_has_not_seen()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Send(rig, session, 4);
        session.BeginPing();
        session.MarkPing(rig.Log.Head);
        Assert.True(session.TryConfirm());
        session.EndConnection(rig.Log.Head);
        AssertRecovered(rig, session, rig.Offset(2), 3, 4);
        AssertRecovered(rig, session, null, 1, 2, 3, 4);
    }

    [Fact]
    public void A_position_from_before_the_session_or_of_another_log_means_that_it_has_seen_nothing()
    {
        using var rig = new LogRig();
        for (var i = 0; i < 10; i++)
            rig.Append([]);
        var session = rig.Begin();
        Send(rig, session, 2);
        AssertRecovered(rig, session, rig.Offset(4), 11, 12);
        AssertRecovered(rig, session, LogRig.Text(new OffsetCodec(), 11), 11, 12);
        AssertRecovered(rig, session, LogRig.Text(new OffsetCodec(), 99_999), 11, 12);
    }

    [Fact]
    public void A_position_beyond_the_last_one_is_a_loss()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Send(rig, session, 2);
        AssertRecovered(rig, session, rig.Offset(2));
        AssertStateOnly(rig, session, rig.Offset(3), RecoveryReason.OffsetBeyondHead);
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("")]
    [InlineData("1700000000000-0")]
    public void W5_a_foreign_offset_counts_as_what_the_heartbeat_has_confirmed(string foreign)
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        AssertRecovered(rig, session, foreign); // nothing was ever sent to it
        Send(rig, session, 2);
        AssertStateOnly(rig, session, foreign, RecoveryReason.ForeignOffset);
        session.BeginPing();
        session.MarkPing(rig.Log.Head);
        AssertStateOnly(rig, session, foreign, RecoveryReason.ForeignOffset);
        Assert.True(session.TryConfirm());
        AssertRecovered(rig, session, foreign);
        rig.Append(["other"]);
        AssertRecovered(rig, session, foreign);
        Send(rig, session, 1);
        AssertStateOnly(rig, session, foreign, RecoveryReason.ForeignOffset);
    }

    [Fact]
    public void What_has_been_trimmed_is_a_loss_only_for_those_who_still_needed_it()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 3);
        var session = rig.Begin();
        Send(rig, session, 5);
        AssertStateOnly(rig, session, null, RecoveryReason.EventsTrimmed);
        AssertStateOnly(rig, session, rig.Offset(1), RecoveryReason.EventsTrimmed);
        AssertRecovered(rig, session, rig.Offset(2), 3, 4, 5);
    }

    [Fact]
    public void Rooms_that_are_not_remembered_any_more_are_a_loss_for_those_who_needed_them()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        for (var i = 0; i < 1_001; i++)
        {
            rig.Join(session, "a");
            rig.Append(["a"], null, 100, session);
            rig.Leave(session, "a");
        }
        AssertStateOnly(rig, session, rig.Offset(0), RecoveryReason.RoomHistoryTooLong);
        Assert.Equal(RecoveryOutcome.Recovered, Make(rig, session, rig.Offset(1), out var missed).Outcome);
        Assert.Equal(1_000, missed.Length);
    }

    [Fact]
    public void W36_more_than_the_most_bytes_of_a_replay_is_not_replayed()
    {
        using var rig = new LogRig(options => options.MaxReplayBytes = 1_000);
        var session = rig.Begin();
        Send(rig, session, 11);
        AssertStateOnly(rig, session, null, RecoveryReason.ReplayTooLarge);
        Assert.Equal(10, Make(rig, session, rig.Offset(1), out _).MissedCount);
    }

    [Fact]
    public void W25_five_fruitless_replays_in_a_row_are_a_loop_and_four_are_not()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Send(rig, session, 3);
        for (var i = 0; i < 5; i++)
        {
            AssertRecovered(rig, session, rig.Offset(1), 2, 3);
            session.CountCompletedReplay();
            rig.Time.Advance(1_900);
        }
        AssertStateOnly(rig, session, rig.Offset(1), RecoveryReason.ReplayLoop);
        AssertRecovered(rig, session, rig.Offset(2), 3);
        AssertRecovered(rig, session, rig.Offset(1), 2, 3); // it has been elsewhere meanwhile
    }

    [Fact]
    public void W25_replays_that_were_cut_off_or_lie_far_apart_are_no_loop()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Send(rig, session, 3);
        for (var i = 0; i < 20; i++)
            AssertRecovered(rig, session, null, 1, 2, 3);
        for (var i = 0; i < 12; i++)
        {
            AssertRecovered(rig, session, null, 1, 2, 3);
            session.CountCompletedReplay();
            rig.Time.Advance(10_000);
        }
        for (var i = 0; i < 20; i++) // nothing missed: nothing replayed
        {
            AssertRecovered(rig, session, rig.Offset(3));
            session.CountCompletedReplay();
        }
    }

    private static void Send(LogRig rig, Session session, int count)
    {
        for (var i = 0; i < count; i++)
            rig.Append(session.OwnRoom, null, 100, session);
    }

    private static void AssertRecovered(LogRig rig, Session session, string? offset, params long[] missed)
    {
        Assert.Equal(new(RecoveryOutcome.Recovered, RecoveryReason.None, 0), ResumePlan.Preview(session, Request(offset), rig.Store));
        Assert.Equal(new(RecoveryOutcome.Recovered, RecoveryReason.None, missed.Length), Make(rig, session, offset, out var found));
        Assert.Equal(missed, found);
    }

    private static void AssertStateOnly(LogRig rig, Session session, string? offset, RecoveryReason reason)
    {
        Assert.Equal(new(RecoveryOutcome.StateOnly, reason, 0), Make(rig, session, offset, out var missed));
        Assert.Empty(missed);
        if (reason is not (RecoveryReason.ReplayTooLarge or RecoveryReason.ReplayLoop)) // which takes a look at the events themselves
            Assert.Equal(new(RecoveryOutcome.StateOnly, reason, 0), ResumePlan.Preview(session, Request(offset), rig.Store));
    }

    private static RecoveryResult Make(LogRig rig, Session session, string? offset, out long[] missed)
    {
        var result = ResumePlan.Make(session, Request(offset), rig.Store, rig.Home, out var entries);
        missed = [.. (entries ?? []).Select(entry => entry.Sequence)];
        return result;
    }

    private static ResumeRequest Request(string? offset) => new("pid", offset, 1);
}
