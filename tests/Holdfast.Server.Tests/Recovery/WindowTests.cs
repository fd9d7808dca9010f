using Holdfast.Engine;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>How far back the window of a shared log goes, and what is said when that is too little.</summary>
public sealed class WindowTests : IDisposable
{
    private readonly FakeTime _time = new();
    private readonly EngineClock _clock;
    private readonly NamespaceLog _home = new();
    private readonly ConnectionStateRecoveryOptions _options = new() { MaxLogEntries = 3 };
    private readonly EventLog _log;
    private long _position;

    public WindowTests()
    {
        _clock = new EngineClock(_time);
        _log = new EventLog(_options, _clock, TimeSpan.FromSeconds(30), sharedBytes: 1 << 20);
    }

    public void Dispose() => _clock.Dispose();

    [Fact]
    public void What_is_read_back_is_as_old_as_it_is()
    {
        Append(TimeSpan.FromSeconds(151));
        Assert.Equal((0, _position), (_log.Count, _log.Tail));
        Append(TimeSpan.FromSeconds(140));
        Append(TimeSpan.FromSeconds(100));
        _time.Advance(10_000);
        Assert.Equal(1, _log.Count);
        _time.Advance(40_000);
        Assert.Equal(0, _log.Count);
    }

    [Fact]
    public async Task That_bounds_cut_off_what_was_promised_is_told_once_with_what_is_left()
    {
        var told = new List<TimeSpan>();
        _log.TooSmall = reach =>
        {
            lock (told)
                told.Add(reach);
        };
        Assert.Equal(TimeSpan.FromSeconds(150), _log.Reach);
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(10_000);
            Append(TimeSpan.Zero);
        }
        await Waiting.Until(() =>
        {
            lock (told)
                return told.Count > 0;
        });
        Assert.Equal([TimeSpan.FromSeconds(30)], told);
        Assert.Equal(TimeSpan.FromSeconds(30), _log.Reach);
        _time.Advance(60_000);
        Assert.Equal(TimeSpan.FromSeconds(90), _log.Reach);
        _time.Advance(600_000);
        Assert.Equal(TimeSpan.FromSeconds(150), _log.Reach);
    }

    [Fact]
    public void What_is_older_than_what_was_promised_may_go_without_a_word()
    {
        _log.TooSmall = _ => Assert.Fail("it was not promised");
        for (var i = 0; i < 6; i++)
            Append(TimeSpan.FromSeconds(125));
        Assert.Equal(3, _log.Count);
        Assert.NotNull(_log.TooSmall);
        Assert.Equal(TimeSpan.FromSeconds(125), _log.Reach);
    }

    private void Append(TimeSpan age)
    {
        _log.MoveTo(new RecordPlace(++_position, 100), age);
        _log.Append(_home, [], [], new EncodedPacket("42[\"e\"]"u8.ToArray()));
    }
}
