using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>
/// Opens the log before anybody is let in, ends all connections when the host begins to stop, and closes the log when everything else has stopped. The web server waits for its open requests, and
/// every WebSocket is one: ending them first lets the host stop at once. What other services and handlers emit while they stop is still in the log, whose last record then says that nothing is missing.
/// </summary>
internal sealed class SocketIOHostedService(SocketIOServer server, IHostApplicationLifetime lifetime, IOptions<HostOptions> options) : IHostedLifecycleService
{
    /// <summary>What the end of the log gets at least, however much of the time to stop others have used up.</summary>
    private static readonly TimeSpan s_lastWord = TimeSpan.FromSeconds(1);

    /// <summary>The other half is for clients that do not read, and for the log.</summary>
    private TimeSpan Patience => options.Value.ShutdownTimeout < TimeSpan.Zero ? TimeSpan.MaxValue : options.Value.ShutdownTimeout / 2;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (server.Recovery?.Road is { } road)
        {
            await road.StartAsync(cancellationToken);
            server.Open();
        }
        lifetime.ApplicationStopping.Register(() => _ = server.CloseAsync(Patience));
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.CloseAsync(Patience);

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (server.Recovery?.Road is not { } road)
            return;
        using var limit = new CancellationTokenSource(s_lastWord, server.Time);
        var ended = road.Log.DisposeAsync().AsTask();
        await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
