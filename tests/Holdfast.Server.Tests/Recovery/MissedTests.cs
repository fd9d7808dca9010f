namespace Holdfast.Server.Tests.Recovery;

// Which entries of the log were a session's own: judged by the rooms that it was in when each was sent.
public class MissedTests
{
    [Fact]
    public void Everything_to_the_namespace_to_its_own_id_and_to_its_rooms_in_order()
    {
        using var rig = new LogRig();
        rig.Append([]); // before its time
        rig.Append(["self"]);
        var session = rig.Begin();
        rig.Join(session, "a");
        rig.Append(["a"]);
        rig.Append([]);
        rig.Append(["other"]);
        rig.Append(["self"]);
        rig.Append(["b"]);
        rig.Append(["a"]);
        Assert.Equal([3, 4, 6, 8], rig.Missed(session, 0));
        Assert.Equal([6, 8], rig.Missed(session, 4));
        Assert.Equal([6, 8], rig.Missed(session, 5));
        Assert.Equal([8], rig.Missed(session, 7));
        Assert.Empty(rig.Missed(session, 8));
    }

    [Fact]
    public void An_event_to_several_of_its_rooms_is_one_event()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        rig.Join(session, "a");
        rig.Join(session, "b");
        rig.Append(["a", "b", "self"]);
        rig.Append(["b", "c"]);
        rig.Append(["c", "b", "a"]);
        Assert.Equal([1, 2, 3], rig.Missed(session, 0));
    }

    [Fact]
    public void W16_who_joined_late_gets_nothing_from_before_and_who_left_gets_what_was_sent_until_then()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        rig.Append(["a"]);
        rig.Join(session, "a");
        rig.Append(["a"]);
        rig.Leave(session, "a");
        rig.Append(["a"]);
        rig.Join(session, "a");
        rig.Append(["a"]);
        rig.Leave(session, "a");
        rig.Append(["a"]);
        Assert.Equal([2, 4], rig.Missed(session, 0));
        Assert.Equal([4], rig.Missed(session, 2));
        Assert.Equal([4], rig.Missed(session, 3));
    }

    [Fact]
    public void Whom_the_sender_left_out_at_that_moment_does_not_get_it_later()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        rig.Append([], except: ["self"]);
        rig.Append([], except: ["quiet"]);
        rig.Join(session, "quiet");
        rig.Append([], except: ["quiet"]);
        rig.Append(["self"], except: ["quiet"]);
        rig.Append([], except: ["loud", "quiet"]);
        rig.Leave(session, "quiet");
        rig.Append([], except: ["quiet"]);
        rig.Join(session, "quiet");
        rig.Append([], except: ["quiet"]);
        rig.Append([], except: ["loud"]);
        Assert.Equal([2, 6, 8], rig.Missed(session, 0));
    }

    [Fact]
    public void A_room_in_which_it_was_when_nothing_was_sent_is_forgotten()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        for (var i = 0; i < 5_000; i++)
        {
            rig.Join(session, "a");
            rig.Leave(session, "a");
        }
        Assert.Equal(0, session.PastMemberships.Length);
        Assert.Equal(0, session.RoomsKnownSince);
    }

    [Fact]
    public void The_history_of_rooms_is_bounded_and_says_from_where_on_it_is_known()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        for (var i = 0; i < 1_500; i++)
        {
            rig.Join(session, "a");
            rig.Append(["a"]);
            rig.Leave(session, "a");
            rig.Append(["a"]);
        }
        Assert.Equal(1_000, session.PastMemberships.Length);
        Assert.Equal(999, session.RoomsKnownSince); // the 500th stay in the room ended there
        Assert.Equal(1_000, rig.Missed(session, session.RoomsKnownSince).Length);
    }

    [Fact]
    public void What_the_log_has_dropped_makes_room_in_the_history()
    {
        using var rig = new LogRig(options => options.MaxLogEntries = 100);
        var session = rig.Begin();
        for (var i = 0; i < 1_500; i++)
        {
            rig.Join(session, "a");
            rig.Append(["a"]);
            rig.Leave(session, "a");
        }
        Assert.Equal(0, session.RoomsKnownSince);
        Assert.Equal(100, rig.Missed(session, rig.Log.Tail).Length);
    }

    [Fact]
    public void W39_the_cost_depends_on_what_was_missed_and_not_on_what_others_were_sent()
    {
        Assert.InRange(Cost(foreign: 100_000) - Cost(foreign: 0), 0, 200);

        static long Cost(int foreign)
        {
            using var rig = new LogRig();
            var session = rig.Begin();
            for (var i = 0; i < 50; i++)
            {
                rig.Append(["self"], size: 0);
                for (var k = 0; k < foreign / 50; k++)
                    rig.Append([$"other{k % 1000}"], size: 0);
            }
            // A collection in between is counted to whoever runs then: the least of several is the cost.
            return Enumerable.Range(0, 20).Min(_ =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Equal(50, rig.Missed(session, 0).Length);
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });
        }
    }
}
