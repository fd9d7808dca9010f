using BenchmarkDotNet.Attributes;
using Holdfast.Testing;

namespace Holdfast.Benchmarks;

/// <summary>One event to many: encoded, in the outbox of each receiver, and taken out again as by a transport that writes it. The bytes must not depend on the number of receivers.</summary>
public class Broadcasts
{
    private static readonly string Text = new('x', 128);
    private OfflineServer _server = null!;
    private OfflineClient[] _clients = null!;
    private BroadcastOperator _room = null!;
    private BroadcastOperator _others = null!;

    [Params(1, 100, 1_000, 10_000)]
    public int Receivers { get; set; }

    [Params(false, true)]
    public bool Recovery { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        // A full log: each event that comes lets one go.
        _server = Recovery ? OfflineServer.WithRecovery(options => options.MaxLogEntries = 1_000) : new OfflineServer();
        _clients = _server.Connect(Receivers);
        await _server.Io.SocketsJoinAsync("room");
        _room = _server.Io.To("room");
        _others = _server.Connect().Socket.Broadcast;
    }

    [GlobalCleanup]
    public void CleanUp() => _server.Dispose();

    [Benchmark(Description = "to a room")]
    public int ToRoom() => Taken(_room.EmitAsync("event", Text));

    [Benchmark(Description = "to everybody else")]
    public int ToOthers() => Taken(_others.EmitAsync("event", Text));

    private int Taken(Task sent)
    {
        var taken = sent.IsCompletedSuccessfully ? 0 : throw new InvalidOperationException("A broadcast waits for nobody.");
        foreach (var client in _clients)
            taken += client.Read();
        return taken;
    }
}
