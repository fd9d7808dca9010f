using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>
/// The log in memory: one sequence for all namespaces of a server. Appending and fanning out are one step under <see cref="Gate"/>, so every client sees rising offsets, and the
/// cursor, up to which everything has been handed to the outboxes, is the head itself. The oldest entries go when they are too old, too many or too large.
/// What others write to as well has a store from which it can be read again: of that the oldest packets go first, and entries only when what is kept of them is too large without any packet.
/// </summary>
internal sealed class EventLog : Deadline
{
    private readonly ConnectionStateRecoveryOptions _options;
    private readonly EngineClock _clock;
    private readonly DeadlineLane _ages;
    private readonly long _maxBytes;
    private readonly Queue<LogEntry> _entries = new();
    private readonly Queue<StoredEntry> _loaded = new(); // of a shared log: the last of the entries, whose packets are here
    private int _length; // of the record that the reader has come to
    private long _written; // by the clock, the record that the reader of a shared log has come to
    private long _lastGone = long.MinValue / 2; // when what is gone was appended

    /// <param name="options">The bounds.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="longer">How much longer than a client may be away events are kept.</param>
    /// <param name="sharedBytes">It is the window of a log that other nodes write to as well, and takes so much memory at most; null: there is no other log.</param>
    public EventLog(ConnectionStateRecoveryOptions options, EngineClock clock, TimeSpan longer, long? sharedBytes = null)
    {
        IsShared = sharedBytes is not null;
        _maxBytes = sharedBytes ?? options.MaxLogBytes;
        _options = options;
        _clock = clock;
        _ages = clock.CreateLane(options.MaxDisconnectionDuration + longer);
    }

    public Lock Gate { get; } = new();

    public OffsetCodec Offsets { get; } = new();

    /// <summary>The last position.</summary>
    public long Head { get; private set; }

    /// <summary>The last position that is gone; everything after it is here.</summary>
    public long Tail { get; private set; }

    /// <summary>The memory that all of it takes, near enough, with the lists by room.</summary>
    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    /// <summary>It is the window of a log that other nodes write to as well, and positions are that one's.</summary>
    public bool IsShared { get; }

    /// <summary>Something may be missing before this position, nobody knows what: so nobody can say what a session that began before has missed.</summary>
    public long LostBefore { get; private set; }

    /// <summary>Why.</summary>
    public RecoveryReason LostReason { get; private set; }

    /// <summary>Before this position there may be records of a shared log that this node has not read: so it can't say by itself what has happened to a session that began before.</summary>
    public long UnreadBefore { get; private set; }

    /// <summary>So far back nothing is missing for being too much. Never more than is asked for.</summary>
    public TimeSpan Reach
    {
        get
        {
            lock (Gate)
                return new TimeSpan(Math.Min(_ages.Duration, _clock.Now - _lastGone));
        }
    }

    /// <summary>Told once, outside of the lock, when what others write to a shared log is so much that less is kept than has been promised; with what is left.</summary>
    public Action<TimeSpan>? TooSmall { get; set; }

    /// <summary>The reader has come to this position of the shared log.</summary>
    /// <param name="place">That of a record.</param>
    /// <param name="age">What is read back at the start has been there for a while.</param>
    public void MoveTo(RecordPlace place, TimeSpan age) => (Head, _length, _written) = (place.Position, place.Length, _clock.Now - age.Ticks);

    /// <summary>The shared log begins a new life.</summary>
    public void BeginEpoch(EpochStart epoch)
    {
        Head = epoch.Position;
        Offsets.Begin(epoch.Name, epoch.Position, epoch.FormerEnd);
        if (epoch.TailMayBeLost)
            (LostBefore, LostReason) = (epoch.Position, RecoveryReason.TailLost);
    }

    /// <summary>This node has not read everything up to here.</summary>
    public void Lose(long position)
    {
        Forget(position);
        UnreadBefore = Math.Max(UnreadBefore, position);
        (LostBefore, LostReason) = (Math.Max(LostBefore, position), RecoveryReason.EventsTrimmed);
    }

    /// <summary>Nothing is known of what stands before this position, and has not been read yet.</summary>
    public void Forget(long tail) => Tail = Math.Max(Tail, tail);

    /// <summary>Everything up to here is gone from the store: what is not in memory goes from the window.</summary>
    public void LoseStored(long position)
    {
        while (_entries.TryPeek(out var entry) && entry.Sequence <= position && entry.Packet is null)
            RemoveOldest(entry);
    }

    /// <summary>An event can't be read from the store, so nobody who still needs it has a way past it: the window begins behind it.</summary>
    public void LoseUpTo(long position)
    {
        while (_entries.TryPeek(out var entry) && entry.Sequence <= position)
            RemoveOldest(entry);
    }

    /// <summary>Gives an event that is not kept the position of the last one.</summary>
    public void StampCursor(EncodedPacket packet) => Offsets.Stamp(packet, Head);

    /// <summary>Gives an event the position that it will have if it is appended next.</summary>
    public void StampNext(EncodedPacket packet) => Offsets.Stamp(packet, NextPlace);

    // In memory a place is taken by whoever fills it; in a shared log the reader has moved to it before.
    private long NextPlace => IsShared ? Head : Head + 1;

    /// <summary>Takes an event in, which <see cref="StampNext"/> has stamped.</summary>
    public void Append(NamespaceLog home, string[] rooms, string[] except, EncodedPacket packet)
    {
        var lists = home.ListsOf(rooms, out var listBytes);
        var now = _clock.Now;
        var appended = IsShared ? _written : now;
        Head = NextPlace;
        var entry = IsShared ? Load(new StoredEntry(Head, home, lists, except, packet, appended, _length)) : new LogEntry(Head, home, lists, except, packet, appended);
        foreach (var list in lists)
            list.Add(entry);
        _entries.Enqueue(entry);
        Bytes += entry.Size + listBytes;
        if (_entries.Count == 1)
            _ages.Start(this, appended);
        Trim(now);
    }

    internal override void OnDue()
    {
        lock (Gate)
        {
            Trim(_clock.Now);
            if (_entries.TryPeek(out var oldest))
                _ages.Start(this, oldest.Appended);
        }
    }

    private void Trim(long now)
    {
        while (Bytes > _maxBytes && _loaded.TryDequeue(out var oldest))
            Bytes -= oldest.Spill();
        var tooOld = now - _ages.Duration;
        while (_entries.TryPeek(out var entry)
            && (entry.Appended <= tooOld || _entries.Count > _options.MaxLogEntries || Bytes > _maxBytes))
        {
            RemoveOldest(entry);
            if (TooSmall is not null && now - entry.Appended < _options.MaxDisconnectionDuration.Ticks)
                TellOfSize(now - entry.Appended);
        }
    }

    private void RemoveOldest(LogEntry entry)
    {
        _entries.Dequeue();
        if (_loaded.TryPeek(out var loaded) && loaded == entry)
            _loaded.Dequeue();
        Bytes -= entry.Size + entry.Home.RemoveOldest(entry);
        Tail = Math.Max(Tail, entry.Sequence);
        _lastGone = entry.Appended;
    }

    private StoredEntry Load(StoredEntry entry)
    {
        _loaded.Enqueue(entry);
        return entry;
    }

    private void TellOfSize(long reach)
    {
        ThreadPool.UnsafeQueueUserWorkItem(static told => told.TooSmall(new TimeSpan(told.Reach)), (TooSmall: TooSmall!, Reach: reach), preferLocal: false);
        TooSmall = null;
    }
}
