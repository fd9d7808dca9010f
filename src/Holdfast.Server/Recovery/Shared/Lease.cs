using Holdfast.Engine;

namespace Holdfast.Recovery;

/// <summary>Whose a session is among the nodes that share a log, and what that log knows of it. Guarded by the log's lock.</summary>
internal sealed class Lease
{
    /// <summary>The node that has it, or had it when that node ended.</summary>
    public ulong Owner { get; set; }

    /// <summary>The position of the record that gave it to its owner. Whoever wants to change the session says by which it is held; if that is not so any more, nothing happens.</summary>
    public long Fence { get; set; }

    /// <summary>Its owner, another node, has said that it waits for its client.</summary>
    public bool IsParked { get; set; }

    /// <summary>Another node has said how the session stood at this position: what has happened to it before is known, also where this node has not read everything.</summary>
    public long Learned { get; set; }

    /// <summary>The last position at which it joined or left a room. A snapshot that was made before that says nothing about its rooms.</summary>
    public long RoomsChanged { get; set; }

    /// <summary>A snapshot of this owner is in the log, or on its way there.</summary>
    public bool IsWritten { get; set; }

    /// <summary>The data in the last snapshot that was appended, whatever has become of that.</summary>
    public object? SentData { get; set; }

    /// <summary>The data that the log is known to have.</summary>
    public object? WrittenData { get; set; }

    /// <summary>The data that the log did not take, and some answer was not sent for it. They are written when it takes them again; answers that come later do not speak of them.</summary>
    public object? RefusedData { get; set; }

    /// <summary>Where the reader stood when this node made the last snapshot.</summary>
    public long Written { get; set; }

    /// <summary>What has been appended for it alone and has not come back yet, as its outbox counts it.</summary>
    public long OnItsWay { get; set; }

    /// <summary>What comes now is some of that, and waited for its room before it was appended: it goes into the outbox even if others have filled that meanwhile, or stand in line there.</summary>
    public bool HasPlace { get; set; }

    /// <summary>Somebody waits for room in its outbox, for all in its line.</summary>
    public bool AwaitsDrain { get; set; }

    /// <summary>Its owner is gone: when it ends.</summary>
    public Deadline? Orphaned { get; set; }

    /// <summary>Completed when the connection that it was taken from shows that its other end is still there.</summary>
    public TaskCompletionSource? Contest { get; set; }
}
