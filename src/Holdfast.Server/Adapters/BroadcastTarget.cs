namespace Holdfast.Adapters;

/// <summary>Whom a broadcast is for, and how it travels. Immutable: each operator makes a new one.</summary>
internal sealed record BroadcastTarget
{
    public static readonly BroadcastTarget Everyone = new();

    /// <summary>The union of these rooms; none means the whole namespace.</summary>
    public string[] Rooms { get; init; } = [];

    /// <summary>Members of these rooms are left out.</summary>
    public string[] Except { get; init; } = [];

    public bool Volatile { get; init; }

    public bool Local { get; init; }

    public bool Compress { get; init; } = true;

    public TimeSpan? Timeout { get; init; }

    public BroadcastTarget To(string room) => this with { Rooms = Add(Rooms, room) };

    public BroadcastTarget Without(string room) => this with { Except = Add(Except, room) };

    public BroadcastTarget To(IEnumerable<string> rooms) => this with { Rooms = Add(Rooms, rooms) };

    public BroadcastTarget Without(IEnumerable<string> rooms) => this with { Except = Add(Except, rooms) };

    // One room at a time is what nearly everybody names, some for each event that they send.
    private static string[] Add(string[] present, string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return Array.IndexOf(present, room) < 0 ? [.. present, room] : present;
    }

    private static string[] Add(string[] present, IEnumerable<string> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        string[] all = [.. present, .. more];
        foreach (var room in all)
            ArgumentNullException.ThrowIfNull(room, nameof(more));
        return [.. all.Distinct(StringComparer.Ordinal)];
    }
}
