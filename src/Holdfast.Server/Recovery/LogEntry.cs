namespace Holdfast.Recovery;

/// <summary>One event in the log: for whom it is, and the bytes that all receivers share.</summary>
internal sealed class LogEntry
{
    /// <summary>This object, its packet's, the array of the text, and its places in the log and in one list of its namespace.</summary>
    private const int Overhead = 168;

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
        Size = packet.Size + Overhead;
        if (lists.Length > 1)
            Size += Array + (lists.Length * Reference) + ((lists.Length - 1) * ListPlace);
        if (packet.Attachments.Length > 0)
            Size += Array + (packet.Attachments.Length * Attachment);
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

    public EncodedPacket Packet { get; }

    /// <summary>In ticks of the clock.</summary>
    public long Appended { get; }

    /// <summary>
    /// The memory that it takes, near enough: so that a flood of tiny events, or of events to many rooms, is bounded as well as one of large events.
    /// </summary>
    public int Size { get; }

    public static int SizeOf(string text) => 24 + (text.Length * sizeof(char));
}
