using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Adapters.Tests;

/// <summary>
/// What servers do together, whatever carries it: each bus has a class of its own, which says how a server is connected to it, and passes all of this. Servers are real ones, in one process; so are the
/// clients.
/// </summary>
public abstract partial class ClusterContract : IAsyncDisposable
{
    private readonly List<SocketHost> _hosts = [];
    private readonly List<Client> _clients = [];

    /// <summary>Whether events are kept, so that they carry positions.</summary>
    private protected virtual bool HasLog => true;

    private protected IEnumerable<SocketHost> Hosts => _hosts;

    /// <summary>Connects a server that is about to start with those that have started.</summary>
    private protected abstract void Connect(IServiceCollection services);

    /// <summary>Joins the others, and says nothing until it leaves: disposing of it.</summary>
    private protected abstract Task<IAsyncDisposable> JoinMuteAsync();

    /// <summary>As another server would that has gone mad.</summary>
    private protected abstract Task SayNonsenseAsync();

    /// <summary>Everything that a server has said so far has been heard by all.</summary>
    private protected abstract Task SettleAsync();

    private protected async Task<SocketHost> StartAsync(Action<SocketIOServer>? configure = null, Action<SocketIOOptions>? options = null)
    {
        var host = HasLog
            ? await RecoveryHost.StartAsync(configure, options: options, services: Connect)
            : await SocketHost.StartAsync(configure ?? (_ => { }), Calm, services: Connect);
        _hosts.Add(host);
        await Waiting.Until(() => _hosts.TrueForAll(other => other.Io.ServerCount >= _hosts.Count));
        return host;

        void Calm(SocketIOOptions calm)
        {
            (calm.PingInterval, calm.ConnectTimeout) = (TimeSpan.FromDays(1), TimeSpan.FromDays(10));
            options?.Invoke(calm);
        }
    }

    private protected async Task<SocketHost[]> StartAsync(int count, Action<SocketIOServer>? configure = null)
    {
        var hosts = new SocketHost[count];
        for (var i = 0; i < count; i++)
            hosts[i] = await StartAsync(configure);
        return hosts;
    }

    private protected async Task<Client> JoinAsync(SocketHost host, string ns = "/", string auth = "", string query = "")
    {
        var peer = await host.OpenAsync(query);
        await peer.SendAsync(ns == "/" ? $"40{auth}" : $"40{ns},{auth}");
        var answer = await peer.ReadAsync();
        Assert.Contains("{\"sid\":\"", answer, StringComparison.Ordinal);
        peer.Id = answer.Split('"')[3];
        // The answer may be here before the server has done the rest of the same step.
        await Waiting.Until(() => host.Io.Of(ns).FindSocket(peer.Id) is { Connected: true });
        var client = new Client(peer, host.Io.Of(ns).FindSocket(peer.Id)!);
        _clients.Add(client);
        return client;
    }

    /// <summary>The server ends, and the others know it.</summary>
    private protected async Task StopAsync(SocketHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
        await Waiting.Until(() => _hosts.TrueForAll(other => other.Io.ServerCount == _hosts.Count));
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var client in _clients)
            client.Dispose();
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }
}
