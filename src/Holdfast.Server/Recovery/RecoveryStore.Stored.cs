namespace Holdfast.Recovery;

// Packets that are in the shared log and no longer in memory.
internal sealed partial class RecoveryStore
{
    /// <summary>
    /// Reads the packets of these entries, each as its receivers got it. Outside of all locks. Fewer than asked for: the next one is gone for good, and everybody who needs it is told so when its
    /// client comes back.
    /// </summary>
    /// <exception cref="RecoveryUnavailableException">The log has ended.</exception>
    public async Task<List<EncodedPacket>> ReadAsync(List<StoredEntry> entries)
    {
        var payloads = await Road!.Log.ReadAsync([.. entries.Select(entry => entry.Place)]);
        var packets = new List<EncodedPacket>(payloads.Count);
        foreach (var payload in payloads)
        {
            if (payload.Length != entries[packets.Count].Place.Length || PacketOf(entries[packets.Count], payload.Span) is not { } packet)
                break;
            packets.Add(packet);
        }
        if (packets.Count < entries.Count)
        {
            lock (Log.Gate)
                Log.LoseUpTo(entries[packets.Count].Sequence);
        }
        return packets;
    }

    private EncodedPacket? PacketOf(StoredEntry entry, ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new RecordReader(payload[sizeof(long)..]);
            var packet = EventRecord.Read(ref reader).Packet;
            if (packet.Size != entry.PacketSize)
                return null;
            Log.Offsets.StampAgain(packet, entry.Sequence);
            return packet;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
