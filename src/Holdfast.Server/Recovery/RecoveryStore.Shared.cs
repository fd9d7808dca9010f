using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Recovery;

// A log that other nodes write to as well: what comes out of it, and what is known of each namespace.
internal sealed partial class RecoveryStore : IRecordTarget
{
    private readonly SharedRecovery? _shared;
    private readonly Dictionary<string, Home> _homes = new(StringComparer.Ordinal);

    /// <summary>The way through the shared log; null: the log is this node's own, in memory.</summary>
    public SharedRoad? Road { get; }

    [MemberNotNullWhen(true, nameof(Road))]
    public bool IsShared => Road is not null;

    private ulong Own => Road!.Log.NodeId;

    /// <summary>What is known of a namespace. In memory alone that begins with the namespace itself.</summary>
    public Home HomeOf(string ns)
    {
        if (!IsShared)
            return new Home(ns);
        lock (Log.Gate)
            return Known(ns);
    }

    void IRecordTarget.Apply(in LogRecord record)
    {
        var reader = new RecordReader(record.Payload.Span[sizeof(long)..]);
        switch (record.Kind)
        {
            case LogRecordKind.Event:
                Apply(EventRecord.Read(ref reader));
                break;
            case LogRecordKind.Session:
                Apply(SessionRecord.Read(ref reader), record.Node);
                break;
            case LogRecordKind.Rooms:
                Apply(RoomsRecord.Read(ref reader));
                break;
            case LogRecordKind.Kick:
                Apply(KickRecord.Read(ref reader));
                break;
            case LogRecordKind.Claim:
                Apply(ClaimRecord.Read(ref reader), record.Node);
                break;
            case LogRecordKind.End:
                Apply(EndRecord.Read(ref reader));
                break;
            case LogRecordKind.Contest:
                Apply(ContestRecord.Read(ref reader));
                break;
        }
    }

    void IRecordTarget.OnTrimmed(long tail)
    {
        lock (Log.Gate)
        {
            // The first call of a start says from where on this node knows everything. What it has read since and still holds in memory is here, even if it is gone from the log.
            if (_unknownBefore > 0)
            {
                Log.LoseStored(tail);
                return;
            }
            _unknownBefore = tail;
            Log.Forget(tail);
        }
    }

    /// <summary>What a session that lives here has missed can't be told any more: it gets nothing of what stands behind the gap, and its client has to come back and be told so.</summary>
    void IRecordTarget.OnGap(long from, long to)
    {
        lock (Log.Gate)
        {
            Log.Lose(to);
            _unknownBefore = Math.Max(_unknownBefore, to);
            foreach (var home in _homes.Values)
                home.Sink?.GiveUp("the log could not be read without a gap");
        }
    }

    private void Apply(EventRecord record)
    {
        var home = Known(record.Namespace);
        if (home.Sink is { } sink)
        {
            sink.Take(record);
            return;
        }
        Log.StampNext(record.Packet);
        Log.Append(home.Log, record.Rooms, record.Except, record.Packet);
    }

    private Home Known(string ns)
    {
        if (!_homes.TryGetValue(ns, out var home))
            _homes.Add(ns, home = new Home(ns));
        return home;
    }
}
