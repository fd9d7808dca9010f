namespace Holdfast.Recovery;

// How much is replayed to the session, so that coming back again and again costs a bounded amount.
internal sealed partial class Session
{
    /// <summary>So many replays in a row that lead nowhere are one that its client can't take. Two cuts in a short time happen to honest clients.</summary>
    private const int MaxFruitlessReplays = 5;

    private static readonly long FruitlessTime = TimeSpan.FromSeconds(10).Ticks;

    private long _replayedFrom = -1;
    private long _replayedAt;
    private int _fruitless;
    private long _tokens;
    private long _tokensAt = long.MinValue;

    /// <summary>Whether the client came back at the same position over and over, each time right after it had been given all that follows.</summary>
    public bool IsInReplayLoop(long from, long now) => _fruitless >= MaxFruitlessReplays && IsSameReplay(from, now);

    /// <summary>A replay begins.</summary>
    public void CountReplay(long from, long now)
    {
        _fruitless = IsSameReplay(from, now) ? _fruitless : 0;
        (_replayedFrom, _replayedAt) = (from, now);
    }

    /// <summary>It went out completely.</summary>
    public void CountCompletedReplay() => _fruitless++;

    /// <summary>Takes bytes from its allowance. Zero: they may go; else how long to wait, in ticks.</summary>
    public long TakeAllowance(int bytes, long now, ConnectionStateRecoveryOptions options)
    {
        if (_tokensAt == long.MinValue)
            _tokens = options.ReplayBurst;
        else if (now > _tokensAt)
            _tokens = (long)Math.Min(options.ReplayBurst, _tokens + ((double)(now - _tokensAt) * options.ReplayBytesPerSecond / TimeSpan.TicksPerSecond));
        _tokensAt = now;
        // A packet may be larger than all that is ever saved up: it goes when something is there, and is paid for afterwards.
        if (_tokens <= 0)
            return (long)((1.0 - _tokens) * TimeSpan.TicksPerSecond / options.ReplayBytesPerSecond) + 1;
        _tokens -= bytes;
        return 0;
    }

    private bool IsSameReplay(long from, long now) => from == _replayedFrom && now - _replayedAt < FruitlessTime;
}
