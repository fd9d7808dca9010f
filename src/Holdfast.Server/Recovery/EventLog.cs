using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>
/// The log in memory: one sequence for all namespaces of a server. Appending and fanning out are one step under <see cref="Gate"/>, so every client sees rising offsets, and the
/// cursor, up to which everything has been handed to the outboxes, is the head itself. The oldest entries go when they are too old, too many or too large.
/// </summary>
internal sealed class EventLog : Deadline
{
    private readonly ConnectionStateRecoveryOptions _options;
    private readonly EngineClock _clock;
    private readonly DeadlineLane _ages;
    private readonly Queue<LogEntry> _entries = new();

    public EventLog(ConnectionStateRecoveryOptions options, EngineClock clock, TimeSpan heartbeat)
    {
        _options = options;
        _clock = clock;
        _ages = clock.CreateLane(options.MaxDisconnectionDuration + heartbeat);
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

    /// <summary>Gives an event that is not kept the position of the last one.</summary>
    public void StampCursor(EncodedPacket packet) => OffsetCodec.Stamp(packet, Head);

    /// <summary>Gives an event the position that it will have if it is appended next.</summary>
    public void StampNext(EncodedPacket packet) => OffsetCodec.Stamp(packet, Head + 1);

    /// <summary>Takes an event in, which <see cref="StampNext"/> has stamped.</summary>
    public void Append(NamespaceLog home, string[] rooms, string[] except, EncodedPacket packet)
    {
        var lists = home.ListsOf(rooms, out var listBytes);
        var now = _clock.Now;
        var entry = new LogEntry(++Head, home, lists, except, packet, now);
        foreach (var list in lists)
            list.Add(entry);
        _entries.Enqueue(entry);
        Bytes += entry.Size + listBytes;
        if (_entries.Count == 1)
            _ages.Start(this, now);
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
        var tooOld = now - _ages.Duration;
        while (_entries.TryPeek(out var entry)
            && (entry.Appended <= tooOld || _entries.Count > _options.MaxLogEntries || Bytes > _options.MaxLogBytes))
        {
            _entries.Dequeue();
            Bytes -= entry.Size + entry.Home.RemoveOldest(entry);
            Tail = entry.Sequence;
        }
    }
}
