namespace Holdfast.Recovery;

/// <summary>At the position <paramref name="Cursor"/> the last event for a session was <paramref name="Last"/>: so nothing for it lies between the two.</summary>
internal readonly record struct Checkpoint(long Last, long Cursor);
