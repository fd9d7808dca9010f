namespace Holdfast.Recovery;

/// <summary>One event in the log: for whom it is, and the bytes that all receivers share.</summary>
internal class LogEntry
{
    /// <summary>The packet's object and the array of its text.</summary>
    private const int PacketOverhead = 72;

    /// <summary>This object, and its places in the log and in one list of its namespace.</summary>
    private const int Overhead = 96;

    private const int Array = 24;
    private const int Reference = 8;
    private const int Attachment = 44; // its array, rounded up, and what points at it
    private const int ListPlace = 12; // lists double, so between 8 and 16

    public LogEntry(long sequence, NamespaceLog home, EntryList[] lists, string[] except, EncodedPacket packet, long appended)
    {
        Sequence = sequence;
        Home = home;
        Lists = lists;
        Except = except;
        Packet = packet;
        Appended = appended;
        Size = Overhead + SizeOf(packet);
        if (lists.Length > 1)
            Size += Array + (lists.Length * Reference) + ((lists.Length - 1) * ListPlace);
        if (except.Length > 0)
        {
            Size += Array;
            foreach (var room in except)
                Size += Reference + SizeOf(room);
        }
    }

    public long Sequence { get; }

    public NamespaceLog Home { get; }

    /// <summary>The lists of its namespace that it is in.</summary>
    public EntryList[] Lists { get; }

    public string[] Except { get; }

    /// <summary>Null: it is in the store alone, as a <see cref="StoredEntry"/> may be.</summary>
    public EncodedPacket? Packet { get; protected set; }

    /// <summary>The bytes of the packet, wherever it is.</summary>
    public virtual int PacketSize => Packet!.Size;

    /// <summary>In ticks of the clock.</summary>
    public long Appended { get; }

    /// <summary>
    /// The memory that it takes, near enough: so that a flood of tiny events, or of events to many rooms, is bounded as well as one of large events.
    /// </summary>
    public int Size { get; protected set; }

    public static int SizeOf(string text) => 24 + (text.Length * sizeof(char));

    /// <summary>What goes with the packet.</summary>
    protected static int SizeOf(EncodedPacket packet) =>
        PacketOverhead + packet.Size + (packet.Attachments.Length > 0 ? Array + (packet.Attachments.Length * Attachment) : 0);
}
