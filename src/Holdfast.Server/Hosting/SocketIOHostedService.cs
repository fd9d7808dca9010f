using Microsoft.Extensions.Hosting;

namespace Holdfast.Hosting;

/// <summary>
/// Ends all connections when the host begins to stop. The web server waits for its open requests, and every WebSocket is one: closing them first lets the host stop at once.
/// </summary>
internal sealed class SocketIOHostedService(SocketIOServer server, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => _ = server.CloseAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.CloseAsync();
}
