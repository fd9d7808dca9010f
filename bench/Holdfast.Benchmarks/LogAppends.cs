using BenchmarkDotNet.Attributes;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Benchmarks;

/// <summary>What an event costs more because recovery is on, once, however many receive it: its position, and its place in a log that is full, so that each one that comes lets one go.</summary>
public class LogAppends
{
    private const int Rooms = 1_000;
    private static readonly string[][] RoomOf = [.. Enumerable.Range(0, Rooms).Select(static n => (string[])[$"room {n}"])];
    private readonly NamespaceLog _home = new();
    private EngineClock _clock = null!;
    private EventLog _log = null!;
    private EncodedPacket _packet = null!;
    private int _next;

    [Params(1_000, 100_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _clock = new EngineClock(TimeProvider.System);
        _log = new EventLog(new ConnectionStateRecoveryOptions { MaxLogEntries = Entries }, _clock, TimeSpan.FromMinutes(1));
        _packet = new JsonPacketParser().EncodeEvent("/", -1, "event", [new string('x', 128)], _log.Offsets.Template);
        for (var i = 0; i <= Entries; i++)
            ToRooms();
    }

    [GlobalCleanup]
    public void CleanUp() => _clock.Dispose();

    [Benchmark(Description = "append, to everybody")]
    public void ToEverybody() => Append([]);

    [Benchmark(Description = "append, to one of 1,000 rooms")]
    public void ToRooms() => Append(RoomOf[_next++ % Rooms]);

    private void Append(string[] rooms)
    {
        lock (_log.Gate)
        {
            _log.StampNext(_packet);
            _log.Append(_home, rooms, [], _packet);
        }
    }
}
