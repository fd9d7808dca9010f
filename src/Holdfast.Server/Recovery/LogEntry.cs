using Holdfast.Protocol;

namespace Holdfast.Recovery;

/// <summary>One event in the log: for whom it is, and the bytes that all receivers share.</summary>
internal sealed class LogEntry(long sequence, NamespaceLog home, string[] rooms, string[] except, EncodedPacket packet, long appended)
{
    /// <summary>What an entry weighs beside its packet, so that a flood of tiny events is bounded in bytes too.</summary>
    private const int Overhead = 160;

    public long Sequence { get; } = sequence;

    public NamespaceLog Home { get; } = home;

    /// <summary>Empty: the whole namespace.</summary>
    public string[] Rooms { get; } = rooms;

    public string[] Except { get; } = except;

    public EncodedPacket Packet { get; } = packet;

    /// <summary>In ticks of the clock.</summary>
    public long Appended { get; } = appended;

    public int Size => Packet.Size + Overhead;
}
