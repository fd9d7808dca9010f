using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace Holdfast.RecoveryBench;

/// <summary>A real server on a free port of the loopback. A client says in its auth object which rooms it wants, and gets one event, so that it has an offset.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeterListener _metrics = new();
    private readonly ConcurrentDictionary<string, long> _measured = new(StringComparer.Ordinal);
    private readonly Channel<ServerSocket> _connected = Channel.CreateUnbounded<ServerSocket>();
    private readonly SemaphoreSlim _parked = new(0);

    private BenchServer(ConnectionStateRecoveryOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSocketIO(o => o.ConnectionStateRecovery = options);
        _app = builder.Build();
        Listen(_app.Services.GetRequiredService<IMeterFactory>());
        _app.MapSocketIO(io =>
        {
            Io = io;
            io.OnConnection(async socket =>
            {
                _connected.Writer.TryWrite(socket);
                if (socket.Recovery.Outcome == RecoveryOutcome.Fresh)
                {
                    await socket.JoinAsync(socket.Handshake.Auth.Get<Wish>()!.Rooms);
                    await socket.EmitAsync("hello");
                }
            });
            io.OnSessionParked((_, _) => { _parked.Release(); });
        });
    }

    public SocketIOServer Io { get; private set; } = null!;

    public Uri Address => new(_app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/socket.io/?EIO=4&transport=websocket");

    public long LogBytes => Measure("holdfast.recovery.log_size");

    public long LogEntries => Measure("holdfast.recovery.log_entries");

    public static async Task<BenchServer> StartAsync(ConnectionStateRecoveryOptions options)
    {
        var server = new BenchServer(options);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next socket that the server was told of: a client may have read everything before.</summary>
    public Task<ServerSocket> NextSocketAsync() => _connected.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Waits until the server has noticed so many more cuts.</summary>
    public async Task WaitForParkedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!await _parked.WaitAsync(TimeSpan.FromSeconds(30)))
                throw new TimeoutException($"the server noticed {i} of {count} cuts in 30 s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        await _app.DisposeAsync();
        _parked.Dispose();
    }

    // From outside, as an operator sees it.
    private long Measure(string name)
    {
        _metrics.RecordObservableInstruments();
        return _measured[name];
    }

    private void Listen(IMeterFactory factory)
    {
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Name.StartsWith("holdfast.recovery.log_", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _metrics.SetMeasurementEventCallback<long>((instrument, value, _, _) => _measured[instrument.Name] = value);
        _metrics.SetMeasurementEventCallback<int>((instrument, value, _, _) => _measured[instrument.Name] = value);
        _metrics.Start();
    }

    private sealed record Wish(string[] Rooms);
}
