using System.Text.RegularExpressions;
using Holdfast.Server.Tests.Recovery;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>
/// Broadcasts to clients that came by different roads, on one server at once: one has upgraded, one began on WebSocket, one stays on polling, and one is in another namespace.
/// </summary>
public sealed class MixedTransportTests : IDisposable
{
    private const string Hello = "42[\"hello\"]";

    private static readonly byte[] Bytes = [1, 2, 3];

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task All_transports_get_a_broadcast()
    {
        await using var crowd = await StartAsync();

        await crowd.Io.EmitAsync("hello");

        await crowd.HeardAsync([Hello], [Hello], [Hello], []);
    }

    [Fact]
    public async Task Only_its_own_clients_get_a_namespaces_broadcast()
    {
        await using var crowd = await StartAsync();

        await crowd.Io.Of("/custom").EmitAsync("hello");

        await crowd.HeardAsync([], [], [], ["42/custom,[\"hello\"]"]);
    }

    [Fact]
    public async Task A_dynamic_namespace_reaches_those_who_joined_it_over_any_transport()
    {
        ParentNamespace? rooms = null;
        await using var crowd = await StartAsync(io => rooms = io.Of(new Regex("^/dynamic-[0-9]+$")));
        await crowd.JoinNamespaceAsync("/dynamic-101");

        await rooms!.EmitAsync("hello");

        const string There = "42/dynamic-101,[\"hello\"]";
        await crowd.HeardAsync([There], [There], [There], []);
        Assert.Equal(["/dynamic-101"], rooms.Children.Select(child => child.Name));
    }

    [Fact]
    public async Task All_transports_get_a_binary_broadcast()
    {
        await using var crowd = await StartAsync();

        await crowd.Io.EmitAsync("hello", Bytes);

        const string Head = "451-[\"hello\",{\"_placeholder\":true,\"num\":0}]";
        await crowd.HeardAsync([Head, "010203"], [Head, "010203"], [Head, "bAQID"], []);
    }

    [Fact]
    public async Task All_transports_get_a_volatile_binary_broadcast_when_they_are_idle()
    {
        await using var crowd = await StartAsync();

        // Idle on polling is who has a poll waiting, so it is said until all were idle once; whoever hears it, hears it whole.
        var heard = new List<string>[] { [], [], [] };
        while (heard.Any(frames => frames.Count == 0))
        {
            crowd.BeginPoll();
            await crowd.Io.Volatile.EmitAsync("hello", Bytes);
            var frames = await crowd.TakeAsync();
            Assert.Empty(frames[3]);
            for (var i = 0; i < heard.Length; i++)
                heard[i].AddRange(frames[i]);
        }

        const string Head = "451-[\"hello\",{\"_placeholder\":true,\"num\":0}]";
        foreach (var (frames, bytes) in heard.Zip(["010203", "010203", "bAQID"]))
        {
            Assert.Equal(0, frames.Count % 2);
            Assert.All(frames.Chunk(2), pair => Assert.Equal([Head, bytes], pair));
        }
    }

    [Fact]
    public async Task A_room_hears_it_whatever_its_members_came_by()
    {
        await using var crowd = await StartAsync();
        await crowd.JoinAsync(crowd.Direct, "room1");
        await crowd.JoinAsync(crowd.Polling, "room1");

        await crowd.Io.To("room1").EmitAsync("hello");

        await crowd.HeardAsync([], [Hello], [Hello], []);
    }

    [Fact]
    public async Task Several_rooms_hear_it_once_each()
    {
        await using var crowd = await StartAsync();
        await crowd.JoinAsync(crowd.Direct, "room1", "room2");
        await crowd.JoinAsync(crowd.Polling, "room2");

        await crowd.Io.To(["room1", "room2"]).EmitAsync("hello");

        await crowd.HeardAsync([], [Hello], [Hello], []);
    }

    [Fact]
    public async Task All_but_a_room_hear_it()
    {
        await using var crowd = await StartAsync();
        await crowd.JoinAsync(crowd.Direct, "room1");
        await crowd.JoinAsync(crowd.Polling, "room2");

        await crowd.Io.Except("room2").EmitAsync("hello");

        await crowd.HeardAsync([Hello], [Hello], [], []);
    }

    [Fact]
    public async Task A_room_that_was_joined_in_a_middleware_hears_it()
    {
        await using var crowd = await StartAsync(io => io.Use(async (socket, next) =>
        {
            await socket.JoinAsync("test");
            await next();
        }));

        await crowd.Io.To("test").EmitAsync("hello");

        await crowd.HeardAsync([Hello], [Hello], [Hello], []);
    }

    [Fact]
    public async Task Who_has_left_the_room_does_not_hear_it()
    {
        await using var crowd = await StartAsync();
        foreach (var id in (string[])[crowd.Upgraded, crowd.Direct, crowd.Polling])
            await crowd.JoinAsync(id, "room1");
        await crowd.Io.In(crowd.Direct).SocketsLeaveAsync(["room1"]);

        await crowd.Io.To("room1").EmitAsync("hello");

        await crowd.HeardAsync([Hello], [], [Hello], []);
    }

    [Fact]
    public async Task A_socket_that_is_disconnected_during_the_upgrade_leaves_a_sound_connection()
    {
        await using var host = await SocketHost.StartAsync(_ => { }, realTime: true);
        var client = await PollingPeer.OpenAsync(host, _http);
        await client.PostAsync("40");
        var id = (await client.PollAsync())[0].Split('"')[3];
        using var probe = await ProbeAsync(host, client);

        var poll = client.PollAsync();
        await host.Io.In(id).DisconnectSocketsAsync();

        var packets = new List<string>();
        for (; !packets.Contains("41"); poll = client.PollAsync())
            packets.AddRange(await poll);
        Assert.All(packets, packet => Assert.True(packet is "6" or "41", packet));
        await FinishAsync(probe, poll);
        await probe.SendAsync("40");
        var again = await probe.ReadAsync();
        Assert.StartsWith("40{\"sid\":\"", again, StringComparison.Ordinal);
        Assert.NotEqual(id, again.Split('"')[3]);
    }

    [Fact]
    public async Task A_connection_that_is_closed_during_the_upgrade_ends_both_its_transports()
    {
        await using var host = await SocketHost.StartAsync(_ => { }, realTime: true);
        var client = await PollingPeer.OpenAsync(host, _http);
        await client.PostAsync("40");
        var id = (await client.PollAsync())[0].Split('"')[3];
        using var probe = await ProbeAsync(host, client);

        await host.Io.In(id).DisconnectSocketsAsync(close: true);

        var packets = new List<string>();
        while (!packets.Contains("1"))
            packets.AddRange(await client.PollAsync());
        Assert.Equal(["41", "1"], packets.Where(packet => packet != "6"));
        Assert.Equal(["400"], await client.PollAsync());
        Assert.Equal("closed", await probe.ReadAsync());
    }

    private async Task<Crowd> StartAsync(Action<SocketIOServer>? configure = null)
    {
        var host = await SocketHost.StartAsync(io =>
        {
            configure?.Invoke(io);
            io.Of("/custom");
        }, realTime: true); // a poll that comes during an upgrade is held for some milliseconds
        return await Crowd.GatherAsync(host, _http);
    }

    /// <summary>The WebSocket of an upgrade that has got as far as its answer.</summary>
    private static async Task<Peer> ProbeAsync(SocketHost host, PollingPeer client)
    {
        var probe = await host.DialAsync($"?EIO=4&transport=websocket&sid={client.EngineId}");
        await probe.SendAsync("2probe");
        Assert.Equal("3probe", await probe.ReadAsync());
        return probe;
    }

    /// <summary>As official clients do: the poll that waits is answered first.</summary>
    private static async Task FinishAsync(Peer probe, Task<string[]> poll)
    {
        Assert.Equal(["6"], await poll);
        await probe.SendAsync("5");
    }

    /// <summary>The four, and what each hears.</summary>
    private sealed class Crowd(SocketHost host, PollingPeer polling, params Peer[] peers) : IAsyncDisposable
    {
        private int _takes;
        private Task<string[]>? _poll;

        public SocketIOServer Io => host.Io;

        public string Upgraded => peers[0].Id;

        public string Direct => peers[1].Id;

        public required string Polling { get; init; }

        public static async Task<Crowd> GatherAsync(SocketHost host, HttpClient http)
        {
            var polling = await PollingPeer.OpenAsync(host, http);
            await polling.PostAsync("40");
            return new Crowd(host, polling, await UpgradeAsync(host, http), await host.ConnectAsync(), await host.ConnectAsync("40/custom,"))
            {
                Polling = (await polling.PollAsync())[0].Split('"')[3],
            };
        }

        public Task JoinAsync(string id, params string[] rooms) => Io.In(id).SocketsJoinAsync(rooms);

        /// <summary>All but the one in another namespace go into this one as well.</summary>
        public async Task JoinNamespaceAsync(string name)
        {
            foreach (var peer in peers[..2])
            {
                await peer.SendAsync($"40{name},");
                Assert.StartsWith($"40{name},{{\"sid\":\"", await peer.ReadAsync(), StringComparison.Ordinal);
            }
            await polling.PostAsync($"40{name},");
            Assert.StartsWith($"40{name},{{\"sid\":\"", Assert.Single(await polling.PollAsync()), StringComparison.Ordinal);
        }

        /// <summary>The one on polling asks for more, as official clients always do; otherwise it does when it is listened to.</summary>
        public void BeginPoll() => _poll = polling.PollAsync();

        /// <summary>All that each of them hears from now on until it has heard a word of its own, which comes last: upgraded, direct, polling, in the other namespace.</summary>
        public async Task<string[][]> TakeAsync()
        {
            var end = $"end{++_takes}";
            await Io.EmitAsync(end);
            await Io.Of("/custom").EmitAsync(end);
            return [await TakeAsync(peers[0], end), await TakeAsync(peers[1], end), await TakePolledAsync(end), await TakeAsync(peers[2], end)];
        }

        public async Task HeardAsync(params string[][] expected) => Assert.Equal(expected, await TakeAsync());

        public async ValueTask DisposeAsync()
        {
            foreach (var peer in peers)
                peer.Dispose();
            await host.DisposeAsync();
        }

        private static async Task<Peer> UpgradeAsync(SocketHost host, HttpClient http)
        {
            var client = await PollingPeer.OpenAsync(host, http);
            await client.PostAsync("40");
            var id = (await client.PollAsync())[0].Split('"')[3];
            var poll = client.PollAsync();
            var probe = await ProbeAsync(host, client);
            await FinishAsync(probe, poll);
            probe.Id = id;
            return probe;
        }

        private static async Task<string[]> TakeAsync(Peer peer, string end)
        {
            var frames = new List<string>();
            while (await peer.ReadAsync() is var frame && !frame.Contains(end, StringComparison.Ordinal))
                frames.Add(frame);
            return [.. frames];
        }

        private async Task<string[]> TakePolledAsync(string end)
        {
            var packets = new List<string>();
            for (; !packets.Contains($"42[\"{end}\"]"); _poll = null)
                packets.AddRange(await (_poll ?? polling.PollAsync()));
            Assert.Equal($"42[\"{end}\"]", packets[^1]);
            return [.. packets.SkipLast(1)];
        }
    }
}
