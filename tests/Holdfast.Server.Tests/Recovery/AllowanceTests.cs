namespace Holdfast.Server.Tests.Recovery;

// How many bytes of missed events a session gets, and how fast.
public class AllowanceTests
{
    private readonly ConnectionStateRecoveryOptions _options = new() { ReplayBurst = 1_000, ReplayBytesPerSecond = 100 };

    [Fact]
    public void W36_a_session_gets_its_burst_at_once_and_then_what_its_rate_allows()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        for (var i = 0; i < 10; i++)
            Assert.Equal(0, session.TakeAllowance(100, 0, _options));
        var wait = session.TakeAllowance(100, 0, _options);
        Assert.InRange(wait, 1, TimeSpan.FromMilliseconds(20).Ticks);
        Assert.Equal(0, session.TakeAllowance(100, wait, _options)); // 100 bytes for the one that is there: it owes 99 now
        var next = session.TakeAllowance(1, wait, _options);
        Assert.InRange(next, TimeSpan.FromMilliseconds(980).Ticks, TimeSpan.FromMilliseconds(1_020).Ticks);
        Assert.NotEqual(0, session.TakeAllowance(1, wait + next - TimeSpan.FromMilliseconds(30).Ticks, _options));
        Assert.Equal(0, session.TakeAllowance(1, wait + next + 1, _options));
    }

    [Fact]
    public void W36_coming_back_again_does_not_fill_it_and_waiting_never_fills_it_beyond_the_burst()
    {
        using var rig = new LogRig();
        var session = rig.Begin();
        Assert.Equal(0, session.TakeAllowance(5_000, 0, _options)); // larger than all that is ever saved up: it goes, and is paid for afterwards
        session.BeginConnection();
        session.CountReplay(0, 0);
        var wait = session.TakeAllowance(1, 0, _options);
        Assert.InRange(wait, TimeSpan.FromSeconds(40).Ticks, TimeSpan.FromSeconds(40.1).Ticks);
        var later = TimeSpan.FromHours(5).Ticks;
        Assert.Equal(0, session.TakeAllowance(999, later, _options));
        Assert.Equal(0, session.TakeAllowance(1, later, _options));
        Assert.NotEqual(0, session.TakeAllowance(1, later, _options));
    }
}
