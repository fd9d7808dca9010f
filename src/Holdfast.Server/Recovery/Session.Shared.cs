namespace Holdfast.Recovery;

// Whose the session is among the nodes that share a log.
internal sealed partial class Session
{
    /// <summary>The value of <see cref="LastAddressed"/> while another node has the session: what was sent to it since is known from the window alone.</summary>
    public const long NotKnown = long.MaxValue;

    /// <summary>Null: no log but the one in memory knows of it.</summary>
    public Lease? Lease { get; set; }

    /// <summary>"Nothing for it lies between these two positions", as far as this node knows.</summary>
    public Checkpoint KnownAt(long head) => LastAddressed == NotKnown ? Cut : new Checkpoint(LastAddressed, head);

    /// <summary>Another node says how the session stands; its rooms aside.</summary>
    public void Restore(SessionRecord record)
    {
        Stage = SessionStage.Away;
        User = record.User;
        Start = record.Start;
        (Confirmed, Cut) = (record.Confirmed, record.Known);
        LastAddressed = NotKnown;
        Data.Restore(record.Data);
    }

    /// <summary>And which rooms it has left.</summary>
    public void RestorePast(SessionRecord record)
    {
        RoomsKnownSince = record.RoomsKnownSince;
        _past = record.Past.Length == 0 ? null : [.. record.Past];
    }
}
