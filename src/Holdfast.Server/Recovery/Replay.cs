using System.Diagnostics.CodeAnalysis;
using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>What a step of a replay came to.</summary>
internal enum ReplayProgress
{
    /// <summary>Nothing is left at this moment.</summary>
    Done,

    /// <summary>The transport has enough in hand.</summary>
    Full,

    /// <summary>The session has used up its allowance for now.</summary>
    Paced,

    /// <summary>What comes next has to be read from the store first.</summary>
    Elsewhere,

    /// <summary>What the client still needed is gone from the log: it reads too slowly, or the store has lost it; it has to come back and be told so.</summary>
    Overtaken,

    /// <summary>The session is no longer served by this replay.</summary>
    Stopped,
}

/// <summary>
/// What a session missed, on its way to a client that came back: first the entries that were promised when it was accepted, which are held here whatever the log drops, then what has
/// come since, read from the log by position, until nothing is left. The step that finds nothing left and the step that makes the session live are one, under the log's lock, so nothing is
/// lost or doubled between the replay and what is live. It goes in slices that wait for the transport, and not faster than the session's allowance. What is not in memory is read from the store,
/// a slice at a time, by whoever takes the steps. All members under the log's lock.
/// </summary>
internal sealed class Replay(Session session, EngineSession outlet, RecoveryStore store, NamespaceLog home, List<LogEntry> promised)
{
    /// <summary>So much of it lies in an outbox at most.</summary>
    private const int HighWater = 256 * 1024;

    /// <summary>So little must be left there before more comes: always less than the outbox holds, or waiting for it would be no waiting.</summary>
    public int LowWater { get; } = Math.Min(64 * 1024, outlet.Server.Options.OutboxLimit - 1);

    private List<LogEntry> _entries = promised;
    private int _next;

    /// <summary>The position up to which everything for the session has been handed over, or is in the entries at hand.</summary>
    private long _read = store.Log.Head;

    private readonly Queue<EncodedPacket> _behind = new();
    private int _behindBytes;
    private EncodedPacket? _connect;
    private Queue<EncodedPacket>? _slice; // of the entries that come next: what memory does not hold of them
    private bool _lacks;
    private bool _sealed;
    private bool _stopped;

    public Session Session => session;

    public EngineSession Outlet => outlet;

    /// <summary>The answer to CONNECT comes when the promised entries are out.</summary>
    public void ConnectAfterwards(EncodedPacket connect) => _connect = connect;

    /// <summary>What does not go through the log waits here. False: too much of it does.</summary>
    public bool TryHold(EncodedPacket packet, int limit)
    {
        if (_behindBytes >= limit)
            return false;
        _behindBytes += packet.Size;
        _behind.Enqueue(packet);
        return true;
    }

    /// <summary>The session ends now: what is its own up to here still goes out, then the farewell.</summary>
    public void Seal(EncodedPacket farewell)
    {
        // Given up already: its connection is about to be closed.
        if (_stopped)
            return;
        _entries.RemoveRange(0, _next);
        _next = 0;
        // Never something behind a gap.
        if (_read >= Known)
            _entries.AddRange(home.Missed(session, _read));
        _sealed = true;
        _behind.Enqueue(farewell);
    }

    /// <summary>What came before is not in the log any more, or not known to have been for this session or not.</summary>
    private long Known => Math.Max(store.Log.Tail, session.RoomsKnownSince);

    public void Stop()
    {
        _stopped = true;
        _entries = [];
        _slice = null;
        _behind.Clear();
    }

    /// <summary>After <see cref="ReplayProgress.Elsewhere"/>: what to read, as much as goes out at once.</summary>
    public List<StoredEntry> ListSlice()
    {
        List<StoredEntry> slice = [];
        var room = HighWater - outlet.UnsentBytes;
        for (var next = _next; next < _entries.Count && _entries[next] is StoredEntry { Packet: null } entry && (room > 0 || slice.Count == 0); next++)
        {
            slice.Add(entry);
            room -= EngineSession.WeightOf(entry.PacketSize);
        }
        return slice;
    }

    /// <summary>What has been read of it, from its beginning on. If that is not all, the rest is gone.</summary>
    public void TakeSlice(List<EncodedPacket> packets, bool isWhole) => (_slice, _lacks) = (new Queue<EncodedPacket>(packets), !isWhole);

    /// <summary>Hands over as much as may go now.</summary>
    /// <param name="wait">How long to wait, in ticks, after <see cref="ReplayProgress.Paced"/>.</param>
    public ReplayProgress Step(out long wait)
    {
        wait = 0;
        if (_stopped)
            return ReplayProgress.Stopped;
        var now = store.Clock.Now;
        while (true)
        {
            while (_next < _entries.Count)
            {
                if (outlet.UnsentBytes >= HighWater)
                    return ReplayProgress.Full;
                if (!TryGetNext(out var packet))
                {
                    if (!_lacks)
                        return ReplayProgress.Elsewhere;
                    if (!_sealed)
                        return ReplayProgress.Overtaken;
                    // Nothing behind a gap; but its end it can be told.
                    _next = _entries.Count;
                    break;
                }
                wait = session.TakeAllowance(packet.Size, now, store.Options);
                if (wait > 0)
                    return ReplayProgress.Paced;
                if (!outlet.TrySend(packet))
                    return ReplayProgress.Full;
                if (_entries[_next++].Packet is null)
                    _slice!.Dequeue();
            }
            if (_connect is not null)
            {
                if (!outlet.TrySend(_connect))
                    return ReplayProgress.Full;
                _connect = null;
            }
            if (_sealed || !TryReadMore(out var overtaken))
                return Finish();
            if (overtaken)
                return ReplayProgress.Overtaken;
        }
    }

    private bool TryGetNext([NotNullWhen(true)] out EncodedPacket? packet)
    {
        packet = _entries[_next].Packet;
        return packet is not null || (_slice is not null && _slice.TryPeek(out packet));
    }

    private bool TryReadMore(out bool overtaken)
    {
        overtaken = false;
        if (session.LastAddressed <= _read)
            return false;
        overtaken = _read < Known;
        if (!overtaken)
        {
            _entries = home.Missed(session, _read);
            _next = 0;
            _read = store.Log.Head;
        }
        return true;
    }

    private ReplayProgress Finish()
    {
        while (_behind.TryPeek(out var packet))
        {
            if (!outlet.TrySend(packet))
                return ReplayProgress.Full;
            _behind.Dequeue();
        }
        return ReplayProgress.Done;
    }
}
