namespace Holdfast.Load.Scenarios;

/// <summary>All rows, in the order of the table.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new Echo("echo-8", "echo with ack, 8 in flight", inFlight: 8, cores: 1),
        new Echo("echo-1", "echo with ack, 1 in flight", inFlight: 1, cores: 1),
        new Broadcast("broadcast-1", "broadcast to 500", cores: 1),
        new Broadcast("broadcast-2", "broadcast to 500", cores: 2),
    ];
}
