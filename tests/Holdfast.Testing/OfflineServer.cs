using Holdfast.Engine;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Testing;

/// <summary>
/// A Socket.IO server without a host, whose clients are objects: everything between the bytes of a message and the outbox is the real thing and runs on the caller's thread, and there is
/// nothing beside it to measure.
/// </summary>
internal sealed class OfflineServer : IDisposable
{
    private readonly ServiceProvider _services;

    public OfflineServer(Action<SocketIOOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSocketIO(options =>
        {
            options.PingInterval = TimeSpan.FromHours(1); // nobody answers pings here
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
        Io = _services.GetRequiredService<SocketIOServer>();
    }

    /// <summary>With connection state recovery and its defaults, but for what the caller changes.</summary>
    public static OfflineServer WithRecovery(Action<ConnectionStateRecoveryOptions>? configure = null) => new(options =>
    {
        options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
        configure?.Invoke(options.ConnectionStateRecovery);
    });

    public SocketIOServer Io { get; }

    /// <summary>A client that has been told that it is connected.</summary>
    public OfflineClient Connect()
    {
        var client = new OfflineClient(this);
        client.Connect();
        return client;
    }

    public OfflineClient[] Connect(int count)
    {
        var clients = new OfflineClient[count];
        for (var i = 0; i < count; i++)
            clients[i] = Connect();
        return clients;
    }

    internal EngineServer Engine => Io.EngineServer;

    public void Dispose()
    {
        Engine.Dispose();
        _services.Dispose();
    }
}
