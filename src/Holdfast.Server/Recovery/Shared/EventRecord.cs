namespace Holdfast.Recovery;

/// <summary>An event without ack, and for whom it is.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Rooms">The union of these; none: all of the namespace.</param>
/// <param name="Except">Their members are left out.</param>
/// <param name="Packet">As all receivers get it, but for the position.</param>
/// <param name="Bare">As those get it who are told no positions; null: it can be made of the packet.</param>
internal sealed record EventRecord(string Namespace, string[] Rooms, string[] Except, EncodedPacket Packet, EncodedPacket? Bare)
{
    public void Write(RecordWriter record)
    {
        record.Text(Namespace);
        record.Texts(Rooms);
        record.Texts(Except);
        record.Packet(Packet);
        record.Byte(Bare is null ? (byte)0 : (byte)1);
        if (Bare is not null)
            record.Packet(Bare);
    }

    public static EventRecord Read(ref RecordReader record) =>
        new(record.Text(), record.Texts(), record.Texts(), record.Packet(), record.Byte() == 0 ? null : record.Packet());
}
