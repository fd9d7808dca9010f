namespace Holdfast.Recovery;

/// <summary>A room that a session has left: it was a member for the events after <paramref name="Joined"/> up to and with <paramref name="Left"/>.</summary>
internal readonly record struct PastMembership(string Room, long Joined, long Left);
