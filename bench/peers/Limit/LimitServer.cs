namespace Holdfast.Peers;

/// <summary>Who is connected, and who is in which room.</summary>
internal sealed class LimitServer
{
    public Group<LimitConnection> Everyone { get; } = new();

    public Rooms<LimitConnection> Rooms { get; } = new();

    /// <summary>Whether the pool flushes what a broadcast has written, instead of the thread that wrote it.</summary>
    public bool FlushesFromPool { get; } = Environment.GetEnvironmentVariable("FLUSH") != "here";
}
