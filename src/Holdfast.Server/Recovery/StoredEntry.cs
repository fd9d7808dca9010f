namespace Holdfast.Recovery;

/// <summary>
/// An event of a shared log. When memory is short its packet goes and is read again from the store when somebody wants it; what decides for whom it is stays here. So what a session has missed is
/// found in memory, however much that was, and each event of it is one read at a place that is known.
/// </summary>
internal sealed class StoredEntry : LogEntry
{
    /// <summary>What this object takes beyond that of its base.</summary>
    private const int OwnOverhead = 8;

    /// <summary>Its place among those whose packets are here.</summary>
    private const int LoadedPlace = 12;

    private readonly int _packetSize;
    private readonly int _length;

    /// <param name="sequence">Its position.</param>
    /// <param name="home">See the base.</param>
    /// <param name="lists">See the base.</param>
    /// <param name="except">See the base.</param>
    /// <param name="packet">See the base.</param>
    /// <param name="appended">See the base.</param>
    /// <param name="length">Of its record's payload.</param>
    public StoredEntry(long sequence, NamespaceLog home, EntryList[] lists, string[] except, EncodedPacket packet, long appended, int length)
        : base(sequence, home, lists, except, packet, appended)
    {
        (_packetSize, _length) = (packet.Size, length);
        Size += OwnOverhead + LoadedPlace;
    }

    public override int PacketSize => _packetSize;

    /// <summary>Where to read it.</summary>
    public RecordPlace Place => new(Sequence, _length);

    /// <summary>The packet goes. Returns the memory that it took.</summary>
    public int Spill()
    {
        var freed = SizeOf(Packet!) + LoadedPlace;
        Packet = null;
        Size -= freed;
        return freed;
    }
}
