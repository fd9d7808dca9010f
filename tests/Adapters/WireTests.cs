using Holdfast.Cluster;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Adapters.Tests;

/// <summary>Something that only moves messages: nothing is kept, and who is there shows by heartbeats.</summary>
public sealed class WireTests : ClusterContract
{
    private readonly MemoryWire _wire = new();
    private ulong _lastNode;

    private protected override bool HasLog => false;

    private protected override void Connect(IServiceCollection services) =>
        services.AddSingleton<IClusterBus>(provider => new Leaving(_wire.Join(++_lastNode), provider.GetRequiredService<TimeProvider>()));

    private protected override async Task<IAsyncDisposable> JoinMuteAsync()
    {
        var mute = new Mute(_wire, ++_lastNode);
        await mute.SayAsync(ClusterMessageType.InitialHeartbeat);
        return mute;
    }

    private protected override Task SettleAsync() => Waiting.Until(() => _wire.IsQuiet);

    private protected override async Task SayNonsenseAsync()
    {
        var mad = _wire.Join(++_lastNode);
        foreach (var nonsense in Nonsense.All)
            await mad.SendAsync(mad.Node, null, nonsense);
        await mad.SendAsync(mad.Node, null, new PresenceMessage(ClusterMessageType.AdapterClose));
        mad.Leave();
    }

    [Fact]
    public async Task An_event_that_can_not_be_published_reaches_the_own_clients_all_the_same_and_the_caller_hears_of_it()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        _wire.IsCut = true;
        await Assert.ThrowsAsync<IOException>(() => hosts[0].Io.EmitAsync("here"));
        _wire.IsCut = false;
        await hosts[0].Io.EmitAsync("everywhere");
        Assert.Equal("""42["here"]""", await a.ReadAsync());
        Assert.Equal("""42["everywhere"]""", await a.ReadAsync());
        Assert.Equal("""42["everywhere"]""", await b.ReadAsync());
    }

    /// <summary>A server's bus, which is taken off the wire when the server ends.</summary>
    private sealed class Leaving(MemoryWire.End end, TimeProvider time) : IClusterBus, IAsyncDisposable
    {
        private readonly HeartbeatBus _bus = new(end.Node, end, time);

        public ulong NodeId => _bus.NodeId;

        public IReadOnlyCollection<ulong> Others => _bus.Others;

        public void Attach(IClusterMember member) => _bus.Attach(member);

        public Task PublishAsync(ClusterMessage message, Action<IReadOnlyCollection<ulong>>? placed = null) => _bus.PublishAsync(message, placed);

        public Task SendAsync(ulong node, ClusterMessage message) => _bus.SendAsync(node, message);

        public async ValueTask DisposeAsync()
        {
            await _bus.DisposeAsync();
            end.Leave();
        }
    }

    private sealed class Mute(MemoryWire wire, ulong node) : IAsyncDisposable
    {
        private readonly MemoryWire.End _end = wire.Join(node);

        public Task SayAsync(ClusterMessageType type) => _end.SendAsync(node, null, new PresenceMessage(type));

        public async ValueTask DisposeAsync()
        {
            _end.Leave();
            await SayAsync(ClusterMessageType.AdapterClose);
        }
    }
}
