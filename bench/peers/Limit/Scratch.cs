namespace Holdfast.Peers;

/// <summary>What a thread needs while it handles what has arrived on one connection, and no longer.</summary>
internal sealed class Scratch
{
    [ThreadStatic]
    private static Scratch? t_own;

    private byte[] _message = new byte[4096];
    private byte[] _frame = new byte[4096];

    public static Scratch Own => t_own ??= new();

    /// <summary>Whose output has to be flushed.</summary>
    public List<LimitConnection> Touched { get; } = [];

    /// <summary>Room for a message as it came.</summary>
    public Span<byte> Message(int length) => Room(ref _message, length);

    /// <summary>Room for a frame that answers a message of that length.</summary>
    public Span<byte> Frame(int length) => Room(ref _frame, length + Peers.Frame.MaxHeader + ServerMessage.Reserve);

    private static Span<byte> Room(ref byte[] bytes, int length)
    {
        if (bytes.Length < length)
            bytes = new byte[length * 2];
        return bytes.AsSpan(0, length);
    }
}
