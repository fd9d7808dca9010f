using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

public class BroadcastTests
{
    [Fact]
    public async Task All_receivers_see_the_broadcasts_of_many_senders_in_one_order()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        var peers = new[] { await host.ConnectAsync(), await host.ConnectAsync(), await host.ConnectAsync() };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
                await host.Io.EmitAsync("e", sender, i);
        })));

        var seen = new List<string>[3];
        for (var p = 0; p < 3; p++)
        {
            seen[p] = [];
            for (var i = 0; i < 1000; i++)
                seen[p].Add(await peers[p].ReadAsync());
            peers[p].Dispose();
        }
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0], seen[2]);
        for (var sender = 0; sender < 4; sender++)
            Assert.Equal(Enumerable.Range(0, 250).Select(i => $"42[\"e\",{sender},{i}]"), seen[0].Where(frame => frame.StartsWith($"42[\"e\",{sender},", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_broadcast_is_encoded_once_for_all_its_receivers()
    {
        var counting = new CountingConverter();
        await using var host = await SocketHost.StartAsync(io => { }, options => options.JsonSerializerOptions = new(JsonSerializerOptions.Web) { Converters = { counting } });
        var peers = new[] { await host.ConnectAsync(), await host.ConnectAsync(), await host.ConnectAsync() };

        await host.Io.EmitAsync("e", new Counted("x"));

        foreach (var peer in peers)
        {
            Assert.Equal("42[\"e\",\"x\"]", await peer.ReadAsync());
            peer.Dispose();
        }
        Assert.Equal(1, counting.Count);
    }

    [Fact]
    public async Task Whoever_joins_or_leaves_does_so_between_two_broadcasts()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.On("go", async () =>
        {
            await io.To("room").EmitAsync("e", 1);
            await socket.JoinAsync("room");
            await io.To("room").EmitAsync("e", 2);
            await socket.LeaveAsync("room");
            await io.To("room").EmitAsync("e", 3);
            await io.To(["room", socket.Id]).EmitAsync("e", 4);
            return "done";
        })));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("421[\"go\"]");
        Assert.Equal("42[\"e\",2]", await peer.ReadAsync());
        Assert.Equal("42[\"e\",4]", await peer.ReadAsync());
        Assert.Equal("431[\"done\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_closed_and_the_others_get_everything()
    {
        var slowEnded = new TaskCompletionSource<DisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(async socket =>
            {
                socket.OnDisconnect(reason => slowEnded.TrySetResult(reason));
                await socket.JoinAsync("all");
            }),
            options => options.OutboxLimit = 100_000);
        using var slow = await host.ConnectAsync();
        using var quick = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.All(socket => socket.Rooms.Count == 2));
        var ballast = new string('x', 50_000);
        // The quick one reads each before the next; the slow one reads nothing, so its connection fills, and then its outbox.
        for (var i = 0; !slowEnded.Task.IsCompleted; i++)
        {
            await host.Io.To("all").EmitAsync("e", i, ballast);
            Assert.Equal($"42[\"e\",{i},\"{ballast}\"]", await quick.ReadAsync());
            Assert.True(i < 2_000, "the slow reader was never closed");
        }
        Assert.Equal(DisconnectReason.TransportError, await slowEnded.Task);
    }

    [Fact]
    public async Task Under_the_drop_policy_a_slow_reader_stays_and_misses_events()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.On("after", () => 1)), options =>
        {
            options.OutboxLimit = 100_000;
            options.SlowConsumerPolicy = SlowConsumerPolicy.Drop;
        });
        using var slow = await host.ConnectAsync();
        var ballast = new string('x', 50_000);
        const int Sent = 1_000;
        for (var i = 0; i < Sent; i++)
            await host.Io.EmitAsync("e", i, ballast);
        await slow.SendAsync("421[\"after\"]");
        var got = 0;
        while (await slow.ReadAsync() != "431[1]")
            got++;
        Assert.InRange(got, 1, Sent - 1);
    }

    [Fact]
    public async Task An_emit_to_a_slow_reader_waits_and_keeps_its_order()
    {
        await using var host = await SocketHost.StartAsync(io => { }, options => options.OutboxLimit = 100_000);
        using var slow = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        var socket = host.Io.Sockets.Sockets.Single();
        var ballast = new string('x', 50_000);
        var emits = Enumerable.Range(0, 400).Select(i => socket.EmitAsync("e", i, ballast)).ToArray();
        Assert.Contains(emits, emit => !emit.IsCompleted);
        using var cancelled = new CancellationTokenSource();
        var withdrawn = socket.EmitAsync("withdrawn", cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn.Within());
        for (var i = 0; i < 400; i++)
            Assert.Equal($"42[\"e\",{i},\"{ballast}\"]", await slow.ReadAsync());
        await Task.WhenAll(emits).Within();
    }

    [Fact]
    public async Task A_broadcast_with_acks_counts_what_is_missing_when_the_time_is_up()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var a = await host.ConnectAsync();
        using var b = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 2);
        var asking = host.Io.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
        var question = await a.ReadAsync();
        Assert.Equal(question, await b.ReadAsync());
        await a.SendAsync(Peer.Answer(question, "7"));
        await a.SendAsync("41");
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        Assert.False(asking.IsCompleted);
        host.Time.Advance(1000);
        var acks = await asking.Within();
        Assert.Equal([7], acks.Responses);
        Assert.Equal(1, acks.Missing);
    }

    private sealed record Counted(string Text);

    private sealed class CountingConverter : JsonConverter<Counted>
    {
        public int Count { get; private set; }

        public override Counted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Counted value, JsonSerializerOptions options)
        {
            Count++;
            writer.WriteStringValue(value.Text);
        }
    }
}
