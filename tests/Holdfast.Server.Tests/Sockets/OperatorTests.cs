using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

public class OperatorTests
{
    [Fact]
    public async Task Operators_stand_in_any_order_and_none_changes_another()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var sender = await host.ConnectAsync();
        using var inA = await host.ConnectAsync();
        using var inB = await host.ConnectAsync();
        using var inBoth = await host.ConnectAsync();
        var socket = await host.SocketAsync(sender);
        await (await host.SocketAsync(inA)).JoinAsync("a");
        await (await host.SocketAsync(inB)).JoinAsync("b");
        await (await host.SocketAsync(inBoth)).JoinAsync(["a", "b"]);
        await socket.JoinAsync("a");

        var toA = socket.To("a");
        BroadcastOperator[] all =
        [
            toA.Except("b"),
            socket.Except("b").To("a"),
            socket.Compress(false).To("a").Except("b"),
            socket.Timeout(TimeSpan.FromSeconds(1)).In("a").Except(["b"]),
            socket.Broadcast.Local.In(["a"]).Except("b"),
            socket.Local.To("a").Compress(true).Except("b").Broadcast,
            socket.Compress(true).Local.To(["a"]).Except(["b"]),
            socket.Timeout(TimeSpan.FromSeconds(1)).Except("b").To("a").Broadcast,
            socket.Compress(true).Except(["b"]).To("a"),
            socket.Timeout(TimeSpan.Zero).In(["a"]).Timeout(TimeSpan.FromSeconds(1)).Except("b"),
            socket.Timeout(TimeSpan.Zero).Broadcast.To("a").Except("b"),
            host.Io.To("a").Except(["b", socket.Id]),
            host.Io.Compress(false).Local.Except("b").In("a").Except(socket.Id).Broadcast,
        ];
        for (var i = 0; i < all.Length; i++)
            await all[i].EmitAsync("e", i);
        await toA.EmitAsync("to a");
        await host.Io.SendAsync("end");

        for (var i = 0; i < all.Length; i++)
            Assert.Equal($"42[\"e\",{i}]", await inA.ReadAsync());
        Assert.Equal("42[\"to a\"]", await inA.ReadAsync());
        Assert.Equal("42[\"to a\"]", await inBoth.ReadAsync());
        foreach (var peer in new[] { inA, inB, inBoth, sender })
            Assert.Equal("42[\"message\",\"end\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task An_operator_that_was_kept_means_the_same_for_ever()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var sender = await host.ConnectAsync();
        using var other = await host.ConnectAsync();
        var socket = await host.SocketAsync(sender);
        await (await host.SocketAsync(other)).JoinAsync(["room1", "room2"]);
        var kept = socket.Local.Compress(false).To(["room1", "room2"]).Except("room3");
        _ = kept.Compress(true);
        _ = kept.Volatile;
        _ = kept.To("room4");
        _ = kept.Except("room1");
        _ = kept.Timeout(TimeSpan.Zero);
        await socket.EmitAsync("own");
        await socket.To("room6").EmitAsync("nobody");
        await kept.EmitAsync("hello");
        Assert.Equal("42[\"hello\"]", await other.ReadAsync());
        Assert.Equal("42[\"own\"]", await sender.ReadAsync());
        Assert.NotSame(kept, kept.To("room4"));
    }

    [Fact]
    public async Task A_time_limit_and_the_volatile_word_go_with_the_operator_wherever_they_stand()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var sender = await host.ConnectAsync();
        using var other = await host.ConnectAsync();
        await host.SocketAsync(other);
        var socket = await host.SocketAsync(sender);
        var asking = socket.Timeout(TimeSpan.FromSeconds(1)).Except("x").EmitWithAckAsync<int>("q");
        Assert.Matches("^42[0-9]+\\[\"q\"\\]$", await other.ReadAsync());
        host.Time.Advance(1_000);
        var acks = await asking.Within();
        Assert.Equal((0, 1), (acks.Responses.Count, acks.Missing));

        var receiver = await host.SocketAsync(other);
        await receiver.IsIdleAsync();
        lock (receiver.Binding.Outlet.Gate)
        {
            _ = socket.Volatile.To(other.Id).EmitAsync("first");
            _ = socket.Volatile.Compress(false).To(other.Id).EmitAsync("given up");
            _ = socket.Compress(false).To(other.Id).Volatile.EmitAsync("given up");
        }
        await receiver.EmitAsync("end");
        Assert.Equal("42[\"first\"]", await other.ReadAsync());
        Assert.Equal("42[\"end\"]", await other.ReadAsync());
    }

    [Fact]
    public async Task Compression_is_allowed_unless_an_emit_says_no()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat"));
        using var client = await RawClient.ConnectAsync(host, "polling", "40/chat"); // no poll waits, so that what is emitted stays
        var chat = host.Io.Of("/chat");
        await Waiting.Until(() => chat.FindSocket(client.Id) is { Connected: true });
        var socket = chat.FindSocket(client.Id)!;
        Emitter[] allowed = [socket, chat, chat.Local, socket.Compress(false).Compress(true), chat.Compress(false).To(socket.Id).Compress(true), socket.Timeout(TimeSpan.Zero)];
        Emitter[] refused = [socket.Compress(false), chat.Compress(false), chat.To(socket.Id).Compress(false), socket.Compress(false).Timeout(TimeSpan.Zero), chat.Local.Compress(false)];
        foreach (var emitter in allowed)
            await emitter.EmitAsync("woot", "yes");
        foreach (var emitter in refused)
            await emitter.EmitAsync("woot", "no");
        Assert.Equal([.. allowed.Select(_ => true), .. refused.Select(_ => false)], socket.Queued().Select(packet => packet.Compress));

        _ = socket.EmitWithAckAsync<int>("question");
        _ = socket.Compress(false).EmitWithAckAsync<int>("question");
        _ = chat.EmitWithAckAsync<int>("question");
        _ = chat.Compress(false).EmitWithAckAsync<int>("question");
        Assert.Equal([true, false, true, false], socket.Queued()[^4..].Select(packet => packet.Compress));
    }

    [Fact]
    public async Task All_receivers_of_a_broadcast_share_one_packet_and_its_bytes()
    {
        await using var host = await SocketHost.StartAsync(io => { });
        var clients = new List<RawClient>();
        for (var i = 0; i < 4; i++)
            clients.Add(await RawClient.ConnectAsync(host, "polling"));
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 4);
        await host.Io.EmitAsync("text", "one");
        await host.Io.EmitAsync("binary", new byte[] { 1, 2 });
        await host.Io.Compress(false).EmitAsync("text", "two");
        var first = host.Io.Sockets.FindSocket(clients[0].Id)!.Queued();
        Assert.Equal(3, first.Length);
        foreach (var client in clients)
        {
            var queued = host.Io.Sockets.FindSocket(client.Id)!.Queued();
            for (var i = 0; i < 3; i++)
                Assert.Same(first[i], queued[i]);
            Assert.Equal(["42[\"text\",\"one\"]", "451-[\"binary\",{\"_placeholder\":true,\"num\":0}]", "0102", "42[\"text\",\"two\"]", "42[\"end\"]"],
                await ReadAllAsync(client));
            client.Dispose();
        }

        async Task<string[]> ReadAllAsync(RawClient client)
        {
            await host.Io.To(client.Id).EmitAsync("end");
            return [.. await client.ReadUntilAsync("42[\"end\"]"), "42[\"end\"]"];
        }
    }

    [Fact]
    public async Task Send_is_the_event_message_on_everything_that_emits()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat"));
        using var peer = await host.ConnectAsync();
        var socket = await host.SocketAsync(peer);
        var bytes = new byte[] { 1 };
        string[] array = ["an array", "is one argument"];
        await socket.SendAsync();
        await socket.SendAsync(null);
        await socket.Compress(false).SendAsync("a", 2);
        await host.Io.SendAsync(1, 2, 3, 4, 5, 6, 7, 8);
        await host.Io.Sockets.SendAsync(array);
        await host.Io.To(socket.Id).SendCoreAsync(["each", "is one"]);
        await host.Io.Of("/chat").SendAsync("nobody");
        using var cancelled = new CancellationTokenSource();
        await socket.SendAsync("a token is no argument", cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.SendAsync("never", cancelled.Token));
        await socket.SendAsync(bytes);
        foreach (var arguments in new[]
        {
            "", ",null", ",\"a\",2", ",1,2,3,4,5,6,7,8", ",[\"an array\",\"is one argument\"]", ",\"each\",\"is one\"", ",\"a token is no argument\"",
        })
            Assert.Equal($"42[\"message\"{arguments}]", await peer.ReadAsync());
        Assert.Equal("451-[\"message\",{\"_placeholder\":true,\"num\":0}]", await peer.ReadAsync());
        Assert.Equal("01", await peer.ReadAsync());
    }
}
