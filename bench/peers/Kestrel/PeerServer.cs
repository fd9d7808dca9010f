namespace Holdfast.Peers;

/// <summary>Who is connected, and who is in which room.</summary>
internal sealed class PeerServer
{
    public Group<PeerConnection> Everyone { get; } = new();

    public Rooms<PeerConnection> Rooms { get; } = new();
}
