namespace Holdfast.Recovery;

/// <summary>A client has come back: its session belongs to the node that says so from here on.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The session.</param>
/// <param name="Fence">Which claim it was held by; if that is not so any more, this one is void.</param>
/// <param name="Presented">The hash of the private id that the client came with.</param>
/// <param name="PrivateId">That of the one that it gets; the same if everything is back.</param>
/// <param name="Reason">What was lost; none if everything is back.</param>
/// <param name="Rooms">What the middlewares that have let it in want it to join and to leave, in their order.</param>
internal sealed record ClaimRecord(string Namespace, string Id, long Fence, UInt128 Presented, UInt128 PrivateId, RecoveryReason Reason, (string Name, bool Join)[] Rooms)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        record.Text(Id);
        record.Number(Fence);
        record.Hash(Presented);
        record.Hash(PrivateId);
        record.Byte((byte)Reason);
        record.Number(Rooms.Length);
        foreach (var (name, join) in Rooms)
        {
            record.Text(name);
            record.Byte(join ? (byte)1 : (byte)0);
        }
    }

    public static ClaimRecord Read(ref RecordReader record)
    {
        var claim = new ClaimRecord(record.Text(), record.Text(), record.Number(), record.Hash(), record.Hash(), (RecoveryReason)record.Byte(), new (string, bool)[record.Count()]);
        for (var i = 0; i < claim.Rooms.Length; i++)
            claim.Rooms[i] = (record.Text(), record.Byte() != 0);
        return claim;
    }
}

/// <summary>A session is over.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The session.</param>
/// <param name="Fence">As in <see cref="ClaimRecord"/>.</param>
internal sealed record EndRecord(string Namespace, string Id, long Fence)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        record.Text(Id);
        record.Number(Fence);
    }

    public static EndRecord Read(ref RecordReader record) => new(record.Text(), record.Text(), record.Number());
}

/// <summary>The connection that a session was taken from, on another node, was no dead one: two clients want the same session.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The session.</param>
internal sealed record ContestRecord(string Namespace, string Id)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        record.Text(Id);
    }

    public static ContestRecord Read(ref RecordReader record) => new(record.Text(), record.Text());
}
