using Holdfast.Protocol;

namespace Holdfast.Recovery;

/// <summary>
/// What the middlewares of a connecting session ask for: it becomes true with the CONNECT answer, right behind it, and never if they refuse.
/// Guarded by the adapter's lock.
/// </summary>
internal sealed class PendingConnect
{
    public HashSet<string> Rooms { get; } = new(StringComparer.Ordinal);

    public List<EncodedPacket> Emits { get; } = [];
}
