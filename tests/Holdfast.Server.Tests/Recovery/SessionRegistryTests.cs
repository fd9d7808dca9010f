using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery;

// The sessions that wait for their clients, and which of them has to go.
public class SessionRegistryTests
{
    [Fact]
    public void Beyond_the_most_sessions_the_one_that_has_waited_longest_goes()
    {
        using var rig = new LogRig(options => options.MaxParkedSessions = 3);
        var sessions = Enumerable.Range(0, 6).Select(i => rig.Begin($"s{i}")).ToArray();
        Assert.Empty(Park(rig, sessions[0], sessions[1], sessions[2]));
        Assert.Equal([sessions[0]], Park(rig, sessions[3]));
        Unpark(rig, sessions[1]);
        Assert.Empty(Park(rig, sessions[1])); // it waits again, and is the last now
        Assert.Equal([sessions[2], sessions[3]], Park(rig, sessions[4], sessions[5]));
        Assert.Equal(3, rig.Store.Sessions.ParkedCount);
    }

    [Fact]
    public void W38_beyond_the_most_bytes_the_ones_that_have_waited_longest_go()
    {
        using var rig = new LogRig(options => options.MaxParkedBytes = 10_000);
        for (var i = 0; i < 100; i++)
        {
            var session = rig.Begin($"s{i}");
            session.Data.Set("a", new string('x', i % 10 * 300));
            rig.Join(session, new string('r', i % 7 * 100));
            Park(rig, session);
            Assert.InRange(rig.Store.Sessions.ParkedBytes, 1, 10_000);
        }
        Assert.InRange(rig.Store.Sessions.ParkedCount, 2, 9);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((0, 0L), (rig.Store.Sessions.ParkedCount, rig.Store.Sessions.ParkedBytes));
    }

    [Fact]
    public void A_session_that_is_larger_than_the_bound_goes_itself()
    {
        using var rig = new LogRig(options => options.MaxParkedBytes = 10_000);
        var (small, large) = (rig.Begin("small"), rig.Begin("large"));
        large.Data.Set("a", new string('x', 20_000));
        Assert.Empty(Park(rig, small));
        Assert.Equal([small, large], Park(rig, large));
        Assert.Equal((0, 0L), (rig.Store.Sessions.ParkedCount, rig.Store.Sessions.ParkedBytes));
    }

    [Fact]
    public void What_a_session_was_counted_as_is_given_back_though_it_has_grown_meanwhile()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Park(rig, session);
        session.Data.Set("a", new string('x', 5_000));
        Unpark(rig, session);
        Assert.Equal(0, rig.Store.Sessions.ParkedBytes);
    }

    [Fact]
    public void Beyond_the_most_sessions_of_one_user_its_own_oldest_goes_and_no_other_users()
    {
        using var rig = new LogRig(options => options.MaxParkedSessionsPerUser = 2);
        var other = rig.Begin("other", "B");
        var sessions = Enumerable.Range(0, 4).Select(i => rig.Begin($"s{i}", "A")).ToArray();
        Assert.Empty(Park(rig, other, sessions[0], sessions[1]));
        Assert.Equal([sessions[0]], Park(rig, sessions[2]));
        Unpark(rig, sessions[1]);
        Assert.Empty(Park(rig, sessions[3]));
        for (var i = 0; i < 50; i++)
            Assert.Empty(Park(rig, rig.Begin($"nobody{i}"))); // who is not authenticated is no user
    }

    [Fact]
    public void W28_a_session_expires_exactly_once_and_not_if_it_came_back()
    {
        using var rig = new LogRig();
        var (gone, back, again) = (rig.Begin("gone"), rig.Begin("back"), rig.Begin("again"));
        Park(rig, gone, back, again);
        rig.Time.Advance(60_000);
        Unpark(rig, back);
        Unpark(rig, again);
        Park(rig, again);
        rig.Time.Advance(59_999);
        Assert.Empty(rig.Expired);
        rig.Time.Advance(1);
        Assert.Equal([(gone, SessionExpiryReason.TimedOut)], rig.Expired);
        rig.Time.Advance(59_999);
        Assert.Single(rig.Expired);
        rig.Time.Advance(1);
        Assert.Equal([(gone, SessionExpiryReason.TimedOut), (again, SessionExpiryReason.TimedOut)], rig.Expired);
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, rig.Expired.Count);
        Assert.Equal(0, rig.Store.Sessions.ParkedCount);
    }

    [Fact]
    public void Who_comes_back_between_the_alarm_and_the_lock_keeps_its_session()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Park(rig, session);
        var alarm = session.Expiry!;
        Unpark(rig, session);
        alarm.OnDue();
        Park(rig, session);
        alarm.OnDue();
        Assert.Empty(rig.Expired);
        Assert.Equal(1, rig.Store.Sessions.ParkedCount);
    }

    [Fact]
    public void Under_its_former_private_id_it_is_told_once_more_what_was_lost()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        rig.Store.Sessions.Name(session, PrivateId.Hash("one"));
        rig.Store.Sessions.Rename(session, PrivateId.Hash("one"), PrivateId.Hash("two"), RecoveryReason.EventsTrimmed);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), Preview("one"));
        Assert.Equal(RecoveryOutcome.Recovered, Preview("two").Outcome);

        // The answer was lost again, and it still comes with the first.
        rig.Store.Sessions.Rename(session, PrivateId.Hash("one"), PrivateId.Hash("three"), RecoveryReason.ReplayLoop);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ReplayLoop, 0), Preview("one"));
        Assert.Same(session, rig.Store.Sessions.Find(PrivateId.Hash("one")));
        Assert.Null(rig.Store.Sessions.Find(PrivateId.Hash("two")));
        Assert.Same(session, rig.Store.Sessions.Find(PrivateId.Hash("three")));

        // It came with the newest, and lost something again.
        rig.Store.Sessions.Rename(session, PrivateId.Hash("three"), PrivateId.Hash("four"), RecoveryReason.EventsTrimmed);
        Assert.Null(rig.Store.Sessions.Find(PrivateId.Hash("one")));
        Assert.Same(session, rig.Store.Sessions.Find(PrivateId.Hash("three")));

        rig.Store.Sessions.DropAlias(session);
        Assert.Null(rig.Store.Sessions.Find(PrivateId.Hash("three")));
        Assert.Same(session, rig.Store.Sessions.Find(PrivateId.Hash("four")));
        rig.Store.Sessions.Forget(session);
        Assert.Null(rig.Store.Sessions.Find(PrivateId.Hash("four")));

        RecoveryResult Preview(string pid) => ResumePlan.Preview(session, new ResumeRequest(pid, null, 1), rig.Store);
    }

    private static List<Session> Park(LogRig rig, params Session[] sessions)
    {
        var evicted = new List<Session>();
        lock (rig.Log.Gate)
        {
            foreach (var session in sessions)
                rig.Store.Sessions.Park(session, evicted);
        }
        return evicted;
    }

    private static void Unpark(LogRig rig, Session session)
    {
        lock (rig.Log.Gate)
            rig.Store.Sessions.Unpark(session);
    }
}
