namespace Holdfast.Recovery;

/// <summary>
/// All that another node needs to give a session back to its client: written when the session begins, when its data change, when it loses its connection, and again and again, so that the
/// window of the log always holds one. Rooms that it joins or leaves in between are records of their own.
/// </summary>
internal sealed class SessionRecord
{
    public required string Namespace { get; init; }

    public required string Id { get; init; }

    public required UInt128 PrivateId { get; init; }

    /// <summary>Its former private id, as long as its client has not shown that it knows the new one.</summary>
    public UInt128? Alias { get; init; }

    public RecoveryReason AliasReason { get; init; }

    public string? User { get; init; }

    /// <summary>Which claim it is held by; zero: the session begins with this record.</summary>
    public long Fence { get; init; }

    public bool IsParked { get; init; }

    /// <summary>Where its node stood in the log when it was made: what came behind that is not in it.</summary>
    public long Cursor { get; init; }

    /// <summary>Zero: it begins with this record.</summary>
    public long Start { get; init; }

    /// <summary>What its client was sent.</summary>
    public Checkpoint Known { get; init; }

    /// <summary>What its client has for certain.</summary>
    public Checkpoint Confirmed { get; init; }

    public long RoomsKnownSince { get; init; }

    public (string Room, long Joined)[] Rooms { get; init; } = [];

    public PastMembership[] Past { get; init; } = [];

    /// <summary>As the parser keeps them.</summary>
    public (string Key, byte[] Value, byte[][] Attachments)[] Data { get; init; } = [];

    /// <summary>Of one that this node has.</summary>
    public static SessionRecord Of(Session session, long head) => new()
    {
        Namespace = session.Namespace,
        Id = session.Id,
        PrivateId = session.PrivateId,
        Alias = session.Alias,
        AliasReason = session.AliasReason,
        User = session.User,
        Fence = session.Lease!.Fence,
        IsParked = session.Stage == SessionStage.Parked,
        Cursor = head,
        Start = session.Start,
        Known = session.KnownAt(head),
        Confirmed = session.Confirmed,
        RoomsKnownSince = session.RoomsKnownSince,
        Rooms = [.. session.Memberships.Select(room => (room.Key, room.Value.Joined))],
        Past = [.. session.PastMemberships],
        Data = DataOf(session.Data),
    };

    public static (string Key, byte[] Value, byte[][] Attachments)[] DataOf(SocketData data) =>
        [.. data.Select(item => (item.Key, item.Value.Value.ToArray(), item.Value.Attachments.Select(bytes => bytes.ToArray()).ToArray()))];

    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        record.Text(Id);
        record.Hash(PrivateId);
        record.Byte(Alias is null ? (byte)0 : (byte)1);
        if (Alias is { } alias)
            record.Hash(alias);
        record.Byte((byte)AliasReason);
        record.OptionalText(User);
        record.Number(Fence);
        record.Byte(IsParked ? (byte)1 : (byte)0);
        record.Number(Cursor);
        record.Number(Start);
        record.Number(Known.Last);
        record.Number(Known.Cursor);
        record.Number(Confirmed.Last);
        record.Number(Confirmed.Cursor);
        record.Number(RoomsKnownSince);
        record.Number(Rooms.Length);
        foreach (var (room, joined) in Rooms)
        {
            record.Text(room);
            record.Number(joined);
        }
        record.Number(Past.Length);
        foreach (var past in Past)
        {
            record.Text(past.Room);
            record.Number(past.Joined);
            record.Number(past.Left);
        }
        record.Number(Data.Length);
        foreach (var (key, value, attachments) in Data)
        {
            record.Text(key);
            record.Bytes(value);
            record.Number(attachments.Length);
            foreach (var attachment in attachments)
                record.Bytes(attachment);
        }
    }

    public static SessionRecord Read(ref RecordReader record)
    {
        var ns = record.Text();
        var id = record.Text();
        var privateId = record.Hash();
        UInt128? alias = record.Byte() == 0 ? null : record.Hash();
        var aliasReason = (RecoveryReason)record.Byte();
        var user = record.OptionalText();
        var fence = record.Number();
        var isParked = record.Byte() != 0;
        var cursor = record.Number();
        var start = record.Number();
        var known = new Checkpoint(record.Number(), record.Number());
        var confirmed = new Checkpoint(record.Number(), record.Number());
        var roomsKnownSince = record.Number();
        var rooms = new (string, long)[record.Count()];
        for (var i = 0; i < rooms.Length; i++)
            rooms[i] = (record.Text(), record.Number());
        var past = new PastMembership[record.Count()];
        for (var i = 0; i < past.Length; i++)
            past[i] = new PastMembership(record.Text(), record.Number(), record.Number());
        var data = new (string, byte[], byte[][])[record.Count()];
        for (var i = 0; i < data.Length; i++)
        {
            var key = record.Text();
            var value = record.Bytes();
            var attachments = new byte[record.Count()][];
            for (var j = 0; j < attachments.Length; j++)
                attachments[j] = record.Bytes();
            data[i] = (key, value, attachments);
        }
        return new SessionRecord
        {
            Namespace = ns,
            Id = id,
            PrivateId = privateId,
            Alias = alias,
            AliasReason = aliasReason,
            User = user,
            Fence = fence,
            IsParked = isParked,
            Cursor = cursor,
            Start = start,
            Known = known,
            Confirmed = confirmed,
            RoomsKnownSince = roomsKnownSince,
            Rooms = rooms,
            Past = past,
            Data = data,
        };
    }
}
