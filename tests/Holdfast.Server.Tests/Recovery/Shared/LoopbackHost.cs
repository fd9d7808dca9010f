using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery.Shared;

/// <summary>A server on a log that does what a test wants it to.</summary>
internal sealed record LoopbackHost(SocketHost Host, LoopbackLog.LoopbackNode Log) : IAsyncDisposable
{
    public SocketIOServer Io => Host.Io;

    public static async Task<LoopbackHost> StartAsync(
        LoopbackLog.LoopbackNode node, Action<SocketIOServer>? configure = null, Action<ConnectionStateRecoveryOptions>? recovery = null, Action<SocketIOOptions>? options = null) =>
        new(await RecoveryHost.StartAsync(configure, recovery, options, services => services.AddSingleton<ISharedLog>(_ => node)), node);

    /// <summary>Everything that is in the log has been read.</summary>
    public Task CatchUpAsync() => Log.CatchUpAsync(default);

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
