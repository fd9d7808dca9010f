using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public sealed class ClockTests : IDisposable
{
    private readonly FakeTime _time = new();
    private readonly EngineClock _clock;
    private readonly List<string> _fired = [];

    public ClockTests() => _clock = new EngineClock(_time);

    [Fact]
    public void Deadlines_of_several_lanes_fire_each_at_its_moment()
    {
        var slow = _clock.CreateLane(TimeSpan.FromMilliseconds(500));
        var fast = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        slow.Start(Named("slow"));
        fast.Start(Named("fast"));
        _time.Advance(50);
        fast.Start(Named("fast 2"));

        _time.Advance(49);
        Assert.Empty(_fired);
        _time.Advance(1);
        Assert.Equal(["fast"], _fired);
        _time.Advance(50);
        Assert.Equal(["fast", "fast 2"], _fired);
        _time.Advance(350);
        Assert.Equal(["fast", "fast 2", "slow"], _fired);
    }

    [Fact]
    public void A_deadline_that_starts_again_moves_and_one_that_is_cancelled_is_silent()
    {
        var lane = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        var other = _clock.CreateLane(TimeSpan.FromMilliseconds(300));
        var (moved, changed, cancelled) = (Named("moved"), Named("changed"), Named("cancelled"));
        lane.Start(moved);
        lane.Start(changed);
        lane.Start(cancelled);
        _time.Advance(60);
        lane.Start(moved);
        other.Start(changed);
        _clock.Cancel(cancelled);
        _clock.Cancel(cancelled);

        _time.Advance(99);
        Assert.Empty(_fired);
        _time.Advance(1);
        Assert.Equal(["moved"], _fired);
        _time.Advance(200);
        Assert.Equal(["moved", "changed"], _fired);
    }

    [Fact]
    public void A_deadline_may_start_again_when_it_fires()
    {
        var lane = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        var again = Named("again");
        again.Fired = () => lane.Start(again);
        lane.Start(again);

        _time.Advance(1000);

        Assert.Equal(10, _fired.Count);
    }

    [Fact]
    public void A_crowd_is_served_in_few_passes_and_never_early()
    {
        var lane = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        var early = 0;
        for (var i = 0; i < 1000; i++)
        {
            var due = _clock.Now + lane.Duration;
            var deadline = Named("one");
            deadline.Fired = () => early += _clock.Now < due ? 1 : 0;
            lane.Start(deadline);
            _time.Advance(0.05);
        }

        _time.Advance(110);

        Assert.Equal(1000, _fired.Count);
        Assert.Equal(0, early);
    }

    [Fact]
    public void A_lane_can_be_ended_at_once()
    {
        var lane = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        lane.Start(Named("a"));
        lane.Start(Named("b"));

        _clock.ExpireAll(lane);
        _time.Advance(1000);

        Assert.Equal(["a", "b"], _fired);
    }

    [Fact]
    public void Many_starts_and_cancels_leave_exactly_the_rest()
    {
        var random = new Random(11);
        var lane = _clock.CreateLane(TimeSpan.FromMilliseconds(100));
        var deadlines = Enumerable.Range(0, 200).Select(i => Named($"{i}")).ToList();
        var waiting = new HashSet<NamedDeadline>();
        for (var i = 0; i < 20_000; i++)
        {
            var deadline = deadlines[random.Next(deadlines.Count)];
            if (random.Next(3) == 0)
            {
                _clock.Cancel(deadline);
                waiting.Remove(deadline);
            }
            else
            {
                lane.Start(deadline);
                waiting.Add(deadline);
            }
        }

        _time.Advance(100);

        Assert.Equal(waiting.Select(deadline => deadline.Name).Order(), _fired.Order());
    }

    public void Dispose() => _clock.Dispose();

    private NamedDeadline Named(string name) => new(name, _fired);

    private sealed class NamedDeadline(string name, List<string> fired) : Deadline
    {
        public string Name { get; } = name;

        public Action? Fired { get; set; }

        internal override void OnDue()
        {
            fired.Add(Name);
            Fired?.Invoke();
        }
    }
}
