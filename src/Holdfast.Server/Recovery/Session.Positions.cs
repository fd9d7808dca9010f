using System.Runtime.InteropServices;

namespace Holdfast.Recovery;

// Where the session stands in the log: what is its own, what it was given, and what is known to have arrived.
internal sealed partial class Session
{
    /// <summary>How many left rooms are remembered; what is older than the oldest of them is not provable any more.</summary>
    private const int MaxPastMemberships = 1000;

    private List<PastMembership>? _past;

    /// <summary>The position at its CONNECT: what came before was never its own.</summary>
    public long Start { get; private set; }

    /// <summary>The position of the last event that was for it, whether a connection took it or not. A client that has seen this one has missed nothing, however old it is.</summary>
    public long LastAddressed { get; set; }

    /// <summary>The rooms that it has left.</summary>
    public ReadOnlySpan<PastMembership> PastMemberships => CollectionsMarshal.AsSpan(_past);

    /// <summary>Before this position it is not known any more which rooms it was in.</summary>
    public long RoomsKnownSince { get; private set; }

    /// <summary>What its client has for certain, because a PONG came back over the same connection behind it.</summary>
    public Checkpoint Confirmed { get; private set; }

    /// <summary>Where it stood when it lost its connection.</summary>
    public Checkpoint Cut { get; private set; }

    private bool _pinging;
    private Checkpoint? _pingMark;

    /// <summary>From here on events are its own, and none of those before is owed to it.</summary>
    public void BeginAt(long position)
    {
        Start = LastAddressed = position;
        Confirmed = Cut = new Checkpoint(position, position);
        _past = null;
        RoomsKnownSince = 0;
    }

    /// <summary>Another connection: what is known of the one before says nothing about this one.</summary>
    public void BeginConnection() => (_pinging, _pingMark) = (false, null);

    public void EndConnection(long head) => Cut = new Checkpoint(LastAddressed, head);

    /// <summary>A ping is about to go out. What a replay sends from now on may stand behind it.</summary>
    public void BeginPing() => _pinging = Stage == SessionStage.Live;

    /// <summary>The ping has gone out behind everything up to this position. What was sent since may stand behind it: then it marks nothing.</summary>
    public void MarkPing(long position)
    {
        _pingMark = _pinging && LastAddressed <= position ? new Checkpoint(LastAddressed, position) : null;
        _pinging = false;
    }

    /// <summary>The pong has come. Whether it proves anything.</summary>
    public bool TryConfirm()
    {
        if (_pingMark is not { } mark)
            return false;
        Confirmed = mark;
        _pingMark = null;
        return true;
    }

    public void Remember(string room, Membership left, long head, long tail)
    {
        if (left.Joined == head)
            return;
        _past ??= [];
        if (_past.Count == MaxPastMemberships)
        {
            _past.RemoveAll(past => past.Left <= tail);
            if (_past.Count == MaxPastMemberships)
            {
                RoomsKnownSince = _past[0].Left;
                _past.RemoveAt(0);
            }
        }
        _past.Add(new PastMembership(room, left.Joined, head));
    }

    /// <summary>Whether the event leaves this session out, judged by the rooms that it was in at that moment.</summary>
    public bool IsLeftOut(LogEntry entry)
    {
        foreach (var room in entry.Except)
        {
            if (room == Id || WasIn(room, entry.Sequence))
                return true;
        }
        return false;
    }

    private bool WasIn(string room, long sequence)
    {
        if (Memberships.TryGetValue(room, out var membership) && membership.Joined < sequence)
            return true;
        foreach (var past in PastMemberships)
        {
            if (past.Room == room && past.Joined < sequence && sequence <= past.Left)
                return true;
        }
        return false;
    }
}
