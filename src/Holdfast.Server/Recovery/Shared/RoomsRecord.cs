namespace Holdfast.Recovery;

/// <summary>Sessions join rooms, or leave them, wherever they are.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Target">Which of its sessions.</param>
/// <param name="Rooms">The rooms.</param>
/// <param name="Join">False: they leave them.</param>
internal sealed record RoomsRecord(string Namespace, SessionTarget Target, string[] Rooms, bool Join)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        Target.Write(record);
        record.Texts(Rooms);
        record.Byte(Join ? (byte)1 : (byte)0);
    }

    public static RoomsRecord Read(ref RecordReader record) => new(record.Text(), SessionTarget.Read(ref record), record.Texts(), record.Byte() != 0);
}

/// <summary>Nobody gets these sessions any more.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Target">Which of its sessions.</param>
/// <param name="Close">Whether the connections of those that are connected are closed, too.</param>
internal sealed record KickRecord(string Namespace, SessionTarget Target, bool Close)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        Target.Write(record);
        record.Byte(Close ? (byte)1 : (byte)0);
    }

    public static KickRecord Read(ref RecordReader record) => new(record.Text(), SessionTarget.Read(ref record), record.Byte() != 0);
}

/// <summary>Which sessions of a namespace, judged by the rooms that they are in at the record's place: the union of rooms, less the members of others. The id of a session is a room, too.</summary>
/// <param name="Rooms">None: all of the namespace.</param>
/// <param name="Except">Their members are left out.</param>
/// <param name="Node">Only those that this node has at the record's place; null: wherever they are.</param>
internal sealed record SessionTarget(string[] Rooms, string[] Except, ulong? Node = null)
{
    public void Write(RecordWriter record)
    {
        record.Texts(Rooms);
        record.Texts(Except);
        record.Byte(Node is null ? (byte)0 : (byte)1);
        if (Node is { } node)
            record.Hash(node);
    }

    public static SessionTarget Read(ref RecordReader record) => new(record.Texts(), record.Texts(), record.Byte() == 0 ? null : (ulong)record.Hash());
}
