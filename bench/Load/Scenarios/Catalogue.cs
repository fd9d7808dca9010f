using Holdfast.Load.Studies;

namespace Holdfast.Load.Scenarios;

/// <summary>All rows, in the order of the table.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new Echo("echo-8", "echo with ack, 8 in flight", inFlight: 8, cores: 1),
        new Echo("echo-1", "echo with ack, 1 in flight", inFlight: 1, cores: 1),
        new EchoAtRate("echo-rate", "echo at 8,000/s", rate: 8000, cores: 2),
        new Broadcast("broadcast-1", "broadcast to 500", cores: 1),
        new Broadcast("broadcast-2", "broadcast to 500", cores: 2),
        new Rooms("rooms", "rooms, 1,000 of 10", cores: 2),
        new Polling("polling", "polling echo", cores: 2),
        new Connecting("connecting", "connecting", cores: 2),
        new Idle("idle", "memory per idle connection, of 10,000", cores: 2),
        new Resume("resume", "resume, 1,000 events in the log", older: 1000, foreign: 0, missed: 5, cores: 2),
        new Resume("resume-older", "resume, 50,000 older events in the log", older: 50_000, foreign: 0, missed: 5, cores: 2),
        new Resume("resume-foreign", "resume, 50,000 missed events of other rooms", older: 1000, foreign: 50_000, missed: 5, cores: 2),
        new Resume("resume-missed", "resume with 2,000 missed events", older: 1000, foreign: 0, missed: 2000, cores: 2),
        new ResumeLive("resume-live", "cut and resumed while 500 events a second go on", cores: 2),
    ];

    public static Scenario Named(string name) => All.First(scenario => scenario.Name == name);

    /// <summary>What <c>--only</c> can name.</summary>
    public static readonly IReadOnlyList<string> Names = [.. All.Select(scenario => scenario.Name), RecoveryOverhead.Name, SlowReader.Name];
}
