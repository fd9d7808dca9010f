using BenchmarkDotNet.Attributes;
using Holdfast.Testing;

namespace Holdfast.Benchmarks;

/// <summary>Joining and leaving, in a namespace with 1,000 sockets.</summary>
public class Rooms
{
    private OfflineServer _server = null!;
    private ServerSocket _socket = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _server = OfflineServer.WithRecovery();
        _server.Connect(1_000);
        await _server.Io.SocketsJoinAsync("large");
        _socket = _server.Connect().Socket;
    }

    [GlobalCleanup]
    public void CleanUp() => _server.Dispose();

    [Benchmark(Description = "join and leave a room of 1,000")]
    public Task JoinLarge()
    {
        _socket.JoinAsync("large");
        return _socket.LeaveAsync("large");
    }

    [Benchmark(Description = "join and leave a room of its own")]
    public Task JoinEmpty()
    {
        _socket.JoinAsync("empty");
        return _socket.LeaveAsync("empty");
    }

    [Benchmark(Description = "choose a room to send to")]
    public BroadcastOperator Choose() => _server.Io.To("large");
}
