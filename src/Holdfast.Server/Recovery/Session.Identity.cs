namespace Holdfast.Recovery;

// Whose the session is, and by what its client finds it again.
internal sealed partial class Session
{
    /// <summary>What a session takes besides its rooms and data, roughly, while it waits.</summary>
    private const int FixedBytes = 1024;

    private const long Never = long.MinValue;

    private static readonly long ContestTime = TimeSpan.FromSeconds(10).Ticks;

    private long _lastContest = Never;
    private long _contestBefore = Never;

    /// <summary>The hash of its private id.</summary>
    public UInt128 PrivateId { get; set; }

    /// <summary>The hash of its former private id, under which it is still found until its client has shown that it knows the new one.</summary>
    public UInt128? Alias { get; set; }

    /// <summary>What was lost when it got a new private id: whoever still comes with the former one has not been told.</summary>
    public RecoveryReason AliasReason { get; set; }

    /// <summary>The user that it belongs to; null: nobody is authenticated.</summary>
    public string? User { get; set; }

    /// <summary>The highest number of a CONNECT that it was given to.</summary>
    public long Ticket { get; set; }

    /// <summary>It is to end with its connection: nobody gets it any more.</summary>
    public bool IsKicked { get; set; }

    /// <summary>Its place among those that wait; null while it is not one of them.</summary>
    public LinkedListNode<Session>? Waiting { get; set; }

    public LinkedListNode<Session>? WaitingOfUser { get; set; }

    public Engine.Deadline? Expiry { get; set; }

    /// <summary>What it was counted as when it began to wait.</summary>
    public long WaitingBytes { get; set; }

    /// <summary>When it was last taken from a connection whose client is still there.</summary>
    public long? LastContest => _lastContest == Never ? null : _lastContest;

    /// <summary>It was taken from a connection whose client is still there, as when two pages have the same private id.</summary>
    public void CountContest(long now) => (_contestBefore, _lastContest) = (_lastContest, now);

    /// <summary>Whether that has happened twice in the last seconds: then it stays where it is, or the two would take it from each other for ever.</summary>
    public bool IsContested(long now) => _contestBefore != Never && now - _contestBefore < ContestTime;

    public long EstimateBytes()
    {
        long bytes = FixedBytes;
        foreach (var room in Memberships.Keys)
            bytes += 64 + (2 * room.Length);
        foreach (var (key, value) in Data)
            bytes += 64 + (2 * key.Length) + value.Value.Length;
        return bytes;
    }
}
