namespace Holdfast.Recovery;

/// <summary>A log that this node shares with others, and what it takes to make sessions of what they have written.</summary>
internal sealed record SharedRecovery(ISharedLog Log, PacketParser Parser, TimeProvider Time, int InboxLimit);
