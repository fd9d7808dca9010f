using Holdfast.Cluster;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

/// <summary>Who is there, where nothing but messages tells.</summary>
public sealed class HeartbeatTests
{
    private readonly Wire _wire = new();
    private readonly FakeTime _time = new();
    private readonly Member _member = new();

    [Fact]
    public async Task A_server_says_that_it_is_there_and_the_others_answer()
    {
        await using var bus = Start();
        Assert.Equal(["InitialHeartbeat"], _wire.Said());
        _wire.Hear(2, ClusterMessageType.InitialHeartbeat);
        Assert.Equal(["Heartbeat"], _wire.Said());
        _wire.Hear(3, ClusterMessageType.Heartbeat);
        Assert.Empty(_wire.Said());
        Assert.Equal((ulong[])[2, 3], bus.Others.Order());
    }

    [Fact]
    public async Task It_says_so_again_when_it_has_said_nothing_to_all_for_five_seconds()
    {
        await using var bus = Start();
        _wire.Said();
        _time.Advance(4_000);
        Assert.Empty(_wire.Said());
        _time.Advance(1_000);
        Assert.Equal(["Heartbeat"], _wire.Said());
        _time.Advance(3_000);
        await bus.PublishAsync(new FetchMessage("/", BroadcastTarget.Everyone, "id"));
        Assert.Equal(["FetchSockets"], _wire.Said());
        _time.Advance(4_000);
        Assert.Empty(_wire.Said());
        await bus.SendAsync(2, new ClientCountMessage("/", "id", 1)); // the others do not hear that
        Assert.Equal(["BroadcastClientCount to 2"], _wire.Said());
        _time.Advance(1_000);
        Assert.Equal(["Heartbeat"], _wire.Said());
    }

    [Fact]
    public async Task Who_is_not_heard_for_more_than_ten_seconds_is_gone_until_it_is_heard_again()
    {
        await using var bus = Start();
        _wire.Hear(2, ClusterMessageType.Heartbeat);
        _time.Advance(9_000);
        _wire.Hear(3, ClusterMessageType.Heartbeat);
        _time.Advance(1_000);
        Assert.Equal((ulong[])[2, 3], bus.Others.Order());
        _time.Advance(1_000);
        Assert.Equal([3], bus.Others);
        Assert.Equal([2], _member.Gone);
        _wire.Hear(2, new ServerSideMessage("/", "any message will do", EventArguments.Empty, null));
        Assert.Equal((ulong[])[2, 3], bus.Others.Order());
        Assert.Equal(["ServerSideEmit of 2"], _member.Heard);
    }

    [Fact]
    public async Task Who_leaves_is_gone_at_once()
    {
        var bus = Start();
        _wire.Hear(2, ClusterMessageType.Heartbeat);
        _wire.Hear(2, ClusterMessageType.AdapterClose);
        _wire.Hear(3, ClusterMessageType.AdapterClose); // has never been there
        Assert.Empty(bus.Others);
        Assert.Equal([2], _member.Gone);
        _wire.Said();
        await bus.DisposeAsync();
        Assert.Equal(["AdapterClose"], _wire.Said());
        _time.Advance(60_000);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bus.SendAsync(2, new ClientCountMessage("/", "id", 1)));
        Assert.Empty(_wire.Said()); // anything would be a sign of life
    }

    [Fact]
    public async Task What_comes_from_outside_of_the_cluster_or_from_itself_is_nobody()
    {
        await using var bus = Start();
        _wire.Hear(0, new DisconnectMessage("/", BroadcastTarget.Everyone, Close: false));
        _wire.Hear(1, new DisconnectMessage("/", BroadcastTarget.Everyone, Close: true));
        Assert.Empty(bus.Others);
        Assert.Equal(["DisconnectSockets of 0"], _member.Heard);
    }

    [Fact]
    public async Task What_is_said_has_its_place_before_it_is_on_its_way()
    {
        await using var bus = Start();
        _wire.Hear(2, ClusterMessageType.Heartbeat);
        _wire.Said();
        IReadOnlyCollection<ulong>? there = null;
        await bus.PublishAsync(
            new FetchMessage("/", BroadcastTarget.Everyone, "id"),
            nodes =>
            {
                there = nodes;
                Assert.Empty(_wire.Said());
            });
        Assert.Equal([2], there!);
        Assert.Equal(["FetchSockets"], _wire.Said());
    }

    private HeartbeatBus Start()
    {
        var bus = new HeartbeatBus(1, _wire, _time);
        bus.Attach(_member);
        return bus;
    }

    private sealed class Wire : IClusterWire
    {
        private readonly List<string> _said = [];
        private Action<ulong, ClusterMessage>? _received;

        public void Listen(Action<ulong, ClusterMessage> received) => _received = received;

        public Task SendAsync(ulong from, ulong? to, ClusterMessage message)
        {
            Assert.Equal(1u, from);
            _said.Add(to is null ? $"{message.Type}" : $"{message.Type} to {to}");
            return Task.CompletedTask;
        }

        public void Hear(ulong from, ClusterMessageType presence) => Hear(from, new PresenceMessage(presence));

        public void Hear(ulong from, ClusterMessage message) => _received!(from, message);

        /// <summary>What has been said since it was asked last.</summary>
        public string[] Said()
        {
            string[] said = [.. _said];
            _said.Clear();
            return said;
        }
    }

    private sealed class Member : IClusterMember
    {
        public List<string> Heard { get; } = [];

        public List<ulong> Gone { get; } = [];

        public Action? Receive(ulong from, ClusterMessage message) => () => Heard.Add($"{message.Type} of {from}");

        public void OnMalformed(ulong from, string reason) => throw new InvalidOperationException(reason);

        public void OnNodeGone(ulong node) => Gone.Add(node);
    }
}
