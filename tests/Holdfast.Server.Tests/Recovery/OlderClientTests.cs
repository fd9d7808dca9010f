using System.Text;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>A client of Engine.IO 3 on a server with recovery: nothing of it reaches the client, and nothing of the client stays.</summary>
public class OlderClientTests
{
    private const string Position = """^42\["n",(\d),"[A-Za-z0-9_-]{8}\.[0-9a-z]{10}"\]$""";

    [Fact]
    public async Task It_gets_no_private_id_and_no_offset_and_others_get_both()
    {
        await using var host = await StartAsync(io => io.Use(async (socket, next) =>
        {
            await socket.EmitAsync("n", 0);
            await next();
        }));
        using var old = await host.ConnectOlderAsync();
        Assert.Equal("42[\"n\",0]", await old.ReadAsync());
        using var today = await host.JoinAsync();
        Assert.Matches(Position, await today.ReadAsync());

        await host.Io.EmitAsync("n", 1);
        await host.Io.To(old.Id).EmitAsync("n", 2);
        await host.Io.To(today.Id).EmitAsync("n", 2);
        await host.Io.Sockets.FindSocket(old.Id)!.EmitAsync("n", 3);
        await host.SocketOf(today).EmitAsync("n", 3);

        for (var n = 1; n <= 3; n++)
        {
            Assert.Equal($"42[\"n\",{n}]", await old.ReadAsync());
            var read = await today.ReadAsync();
            Assert.Matches(Position, read);
            Assert.Equal($"{n}", read[7..8]);
        }
    }

    [Fact]
    public async Task With_a_parser_of_the_applications_own_it_gets_no_offset_either()
    {
        var parser = new Wrapper();
        await using var host = await StartAsync(options: o => o.Parser = parser);
        using var old = await host.OpenOlderAsync();
        Assert.Equal(Shown(parser.EncodeConnectRequest("/", null)), await old.ReadAsync());
        await Waiting.Until(() => host.Io.Sockets.FindSocket(old.Id) is { Connected: true });
        var socket = host.Io.Sockets.FindSocket(old.Id)!;
        using var today = await host.OpenAsync();
        await today.SendBinaryAsync(parser.EncodeConnectRequest("/", null).BinaryMessages[0].ToArray());
        await today.ReadAsync();
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 2);

        await host.Io.EmitAsync("n", 1);
        await host.Io.Compress(false).EmitAsync("n", 2);
        await socket.EmitAsync("n", 3);

        for (var n = 1; n <= 3; n++)
            Assert.Equal(Shown(parser.EncodeEvent("/", Packet.NoAck, "n", [n])), await old.ReadAsync());
        for (var n = 1; n <= 2; n++)
            Assert.EndsWith(Convert.ToHexString(Encoding.ASCII.GetBytes($".000000000{n}")), await today.ReadAsync(), StringComparison.Ordinal);
        await SendWhenIdleAsync(socket, () => host.Io.Volatile.EmitAsync("n", 4));
        Assert.Equal(Shown(parser.EncodeEvent("/", Packet.NoAck, "n", [4])), await old.ReadAsync());

        // In front of a binary frame stands the type of the packet.
        static string Shown(EncodedPacket packet) => $"04{Convert.ToHexString(packet.BinaryMessages[0].Span)}";
    }

    [Fact]
    public async Task However_many_such_clients_get_a_broadcast_it_is_cut_once()
    {
        await using var host = await StartAsync();
        using var http = new HttpClient();
        var packets = new List<EncodedPacket>();
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
            ids.Add((await http.GetStringAsync(new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling")).Within()).Split('"')[3]);

        await host.Io.EmitAsync("n", 1);

        foreach (var id in ids)
        {
            var engine = host.Io.Sockets.FindSocket(id)!.Client.Engine;
            var batch = new EncodedPacket[8];
            lock (engine.Gate)
                packets.Add(batch[engine.TakeBatch(batch, int.MaxValue) - 1]);
        }
        Assert.Equal("42[\"n\",1]", Encoding.UTF8.GetString(packets[0].Text.Span));
        Assert.Same(packets[0], packets[1]);
    }

    [Fact]
    public async Task A_volatile_event_has_no_offset_either()
    {
        await using var host = await StartAsync();
        using var old = await host.ConnectOlderAsync();
        var socket = host.Io.Sockets.FindSocket(old.Id)!;

        await SendWhenIdleAsync(socket, () => socket.Volatile.EmitAsync("n", 1));
        Assert.Equal("42[\"n\",1]", await old.ReadAsync());
        await SendWhenIdleAsync(socket, () => host.Io.Volatile.EmitAsync("n", 2));
        Assert.Equal("42[\"n\",2]", await old.ReadAsync());
    }

    [Fact]
    public async Task What_is_emitted_to_it_alone_takes_no_position()
    {
        await using var host = await StartAsync();
        using var old = await host.ConnectOlderAsync();
        var socket = host.Io.Sockets.FindSocket(old.Id)!;

        await socket.EmitAsync("n", 1);
        await socket.EmitAsync("n", 2, new byte[] { 1 });

        Assert.Equal("42[\"n\",1]", await old.ReadAsync());
        Assert.Equal("451-[\"n\",2,{\"_placeholder\":true,\"num\":0}]", await old.ReadAsync());
        Assert.Equal(0, host.Store.Log.Head);
    }

    [Fact]
    public async Task Emits_that_waited_for_room_arrive_as_they_were()
    {
        await using var host = await StartAsync(options: o => o.OutboxLimit = 200);
        using var http = new HttpClient();
        var poll = new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling");
        var id = (await http.GetStringAsync(poll).Within()).Split('"')[3];
        var socket = host.Io.Sockets.FindSocket(id)!;
        var first = socket.EmitAsync("first", new string('x', 200));
        var waiting = new[] { socket.EmitAsync("second", "epoch.0000000000"), socket.EmitAsync("third", "epoch.0000000000") };
        Assert.True(first.IsCompletedSuccessfully);
        Assert.DoesNotContain(waiting, task => task.IsCompleted);

        Assert.Equal($"214:42[\"first\",\"{new string('x', 200)}\"]", await http.GetStringAsync(new Uri(poll + $"&sid={id}")).Within());
        await Task.WhenAll(waiting).Within();
        Assert.Equal(
            "31:42[\"second\",\"epoch.0000000000\"]30:42[\"third\",\"epoch.0000000000\"]", await http.GetStringAsync(new Uri(poll + $"&sid={id}")).Within());
        Assert.Equal(0, host.Store.Log.Head);
    }

    [Fact]
    public async Task Emits_that_wait_when_the_connection_is_lost_are_gone_with_it()
    {
        await using var host = await StartAsync(options: o => o.OutboxLimit = 200);
        using var http = new HttpClient();
        var poll = new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling");
        var id = (await http.GetStringAsync(poll).Within()).Split('"')[3];
        var socket = host.Io.Sockets.FindSocket(id)!;
        await socket.EmitAsync("first", new string('x', 200));
        var waiting = socket.EmitAsync("second", 2);

        socket.Client.Engine.Discard(CloseReason.TransportError);

        await waiting.Within();
        await socket.EmitAsync("third", 3);
        Assert.Equal(0, host.Store.Log.Head);
    }

    [Fact]
    public async Task Its_session_ends_with_its_connection_and_says_so()
    {
        var log = new List<string>();
        await using var host = await StartAsync(io => io.Record(line =>
        {
            lock (log)
                log.Add(line);
        }));
        var old = await host.ConnectOlderAsync();
        old.Dispose();

        await Waiting.Until(() =>
        {
            lock (log)
                return log.Count == 3;
        });

        Assert.Equal(["connection", "disconnect: transport close", "expired: Disconnected"], log);
        Assert.Equal(0, host.Store.Sessions.ParkedCount);
        Assert.Empty(host.Store.Sessions.All());
    }

    [Fact]
    public async Task It_can_ask_for_no_session_of_another()
    {
        await using var host = await StartAsync(io => io.Of("/chat").OnConnection(socket => socket.On("auth", () => socket.Handshake.Auth)));
        var today = await host.OpenAsync();
        await today.SendAsync("40/chat,");
        await today.ReadConnectAsync();
        await host.CutAsync(today);
        using var old = await host.ConnectOlderAsync();

        await old.SendAsync($"40/chat?pid={today.Pid}&offset=x,");

        Assert.Equal("40/chat,", await old.ReadAsync());
        await old.SendAsync("42/chat,0[\"auth\"]");
        Assert.Equal($$"""43/chat,0[{"pid":"{{today.Pid}}","offset":"x"}]""", await old.ReadAsync());
        Assert.Equal(1, host.Store.Sessions.ParkedCount);
    }

    private static Task<SocketHost> StartAsync(Action<SocketIOServer>? configure = null, Action<SocketIOOptions>? options = null) =>
        RecoveryHost.StartAsync(configure, options: o =>
        {
            o.AllowEIO3 = true;
            options?.Invoke(o);
        });

    private static async Task SendWhenIdleAsync(ServerSocket socket, Func<Task> send)
    {
        await Waiting.Until(() =>
        {
            lock (socket.Client.Engine.Gate)
                return socket.Client.Engine.Transport.IsWritable;
        });
        await send();
    }
}
