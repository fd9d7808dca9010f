using System.Collections.Concurrent;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Events and acknowledgements both ways, byte for byte on both transports.
public class SocketEventTests
{
    private const string Placeholder = "{\"_placeholder\":true,\"num\":0}";
    private readonly ConcurrentQueue<string> _seen = new();

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Events_arrive_with_their_arguments(string transport)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("random", (int a, string b, int[] c) => _seen.Enqueue($"{a} {b} {string.Join(',', c)}"));
            socket.On("message", (string? text) => _seen.Enqueue(text ?? "null"));
            socket.On("end", () => true);
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        await client.SendAsync("42[\"random\",1,\"2\",[3]]");
        await client.SendAsync("42[\"message\",\"sent\"]");
        await client.SendAsync("42[\"message\",null]");
        await client.SendAsync("42[\"message\"]");
        await client.SendAsync("421[\"end\"]");
        Assert.Equal("431[true]", await client.ReadAsync());
        Assert.Equal(["1 2 3", "sent", "null", "null"], _seen);
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Events_go_out_with_their_arguments_also_beyond_ASCII(string transport)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.EmitAsync("woot", "tobi");
            for (var i = 0; i < 3; i++)
                await socket.EmitAsync("hoot", "utf8 — string 🚀");
            await socket.SendAsync("sent");
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        Assert.Equal("42[\"woot\",\"tobi\"]", await client.ReadAsync());
        for (var i = 0; i < 3; i++)
            Assert.Equal("42[\"hoot\",\"utf8 — string 🚀\"]", await client.ReadAsync());
        Assert.Equal("42[\"message\",\"sent\"]", await client.ReadAsync());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Binary_values_and_others_go_out_side_by_side(string transport)
    {
        byte[] bytes = [1, 2];
        int[] four = [4];
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.EmitAsync("doge", bytes);
            await socket.EmitAsync("multiple", 1, bytes, "3", four, new byte[] { 9 }, new object[] { bytes, "swag", new byte[] { 8 } });
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        Assert.Equal($"451-[\"doge\",{Placeholder}]", await client.ReadAsync());
        Assert.Equal("0102", await client.ReadAsync());
        Assert.Equal(
            $"454-[\"multiple\",1,{Placeholder},\"3\",[4],{Number(1)},[{Number(2)},\"swag\",{Number(3)}]]",
            await client.ReadAsync());
        foreach (var attachment in new[] { "0102", "09", "0102", "08" })
            Assert.Equal(attachment, await client.ReadAsync());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task Binary_values_and_others_arrive_side_by_side(string transport)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("buff", (byte[] bytes) => Convert.ToHexString(bytes));
            socket.On("multiple", (int a, byte[] b, string c, int[] d, ReadOnlyMemory<byte> e, EventArgument[] f) =>
                $"{a} {Convert.ToHexString(b)} {c} {d[0]} {Convert.ToHexString(e.Span)} {Convert.ToHexString(f[0].Get<byte[]>()!)} {f[1].Get<string>()}");
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        await client.SendAsync($"451-1[\"buff\",{Placeholder}]");
        await client.SendBinaryAsync([1, 2]);
        Assert.Equal("431[\"0102\"]", await client.ReadAsync());
        await client.SendAsync($"453-2[\"multiple\",1,{Placeholder},\"3\",[4],{Number(1)},[{Number(2)},\"swag\"]]");
        foreach (var attachment in new byte[][] { [1, 2], [9], [8] })
            await client.SendBinaryAsync(attachment);
        Assert.Equal("432[\"1 0102 3 4 09 08 swag\"]", await client.ReadAsync());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task A_client_gets_its_answer_once_with_all_values_text_or_binary(string transport)
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("empty", (EventContext context) => context.AckAsync());
            socket.On("woot", async (int a, int b, EventContext context) =>
            {
                await context.AckAsync(a + b, "second");
                await context.AckAsync("never");
            });
            socket.On("length", (byte[] bytes) => bytes.Length);
            socket.On("bytes", (byte[] bytes, EventContext context) => context.AckAsync(bytes, 2));
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        await client.SendAsync("420[\"empty\"]");
        Assert.Equal("430[]", await client.ReadAsync());
        await client.SendAsync("421[\"woot\",1,2]");
        Assert.Equal("431[3,\"second\"]", await client.ReadAsync());
        await client.SendAsync($"451-2[\"length\",{Placeholder}]");
        await client.SendBinaryAsync([1, 2, 3]);
        Assert.Equal("432[3]", await client.ReadAsync());
        await client.SendAsync($"451-3[\"bytes\",{Placeholder}]");
        await client.SendBinaryAsync([1, 2, 3]);
        Assert.Equal($"461-3[{Placeholder},2]", await client.ReadAsync());
        Assert.Equal("010203", await client.ReadAsync());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task The_server_gets_its_answer_with_all_values_text_or_binary(string transport)
    {
        await using var host = await SocketHost.StartAsync(io => { });
        using var client = await RawClient.ConnectAsync(host, transport);
        await Waiting.Until(() => host.Io.Sockets.FindSocket(client.Id) is { Connected: true });
        var socket = host.Io.Sockets.FindSocket(client.Id)!;

        var empty = socket.EmitWithAckAsync<EventArguments>("hi");
        await client.SendAsync(Peer.Answer(await client.ReadAsync(), ""));
        Assert.Empty(await empty.Within());

        var several = socket.EmitWithAckAsync<EventArguments>("hi", 1, 2);
        var question = await client.ReadAsync();
        Assert.Matches("^42[0-9]+\\[\"hi\",1,2\\]$", question);
        await client.SendAsync(Peer.Answer(question, "1,\"b\""));
        Assert.Equal(["1", "\"b\""], (await several.Within()).Select(value => value.ToString()));

        var sent = socket.EmitWithAckAsync<string>("hi", new byte[] { 1, 2, 3, 4 });
        question = await client.ReadAsync();
        Assert.Matches("^451-[0-9]+\\[\"hi\",{\"_placeholder\":true,\"num\":0}\\]$", question);
        Assert.Equal("01020304", await client.ReadAsync());
        await client.SendAsync($"43{question[4..question.IndexOf('[', StringComparison.Ordinal)]}[\"got it\"]");
        Assert.Equal("got it", await sent.Within());

        var binary = socket.EmitWithAckAsync<byte[]>("hi");
        question = await client.ReadAsync();
        await client.SendAsync($"461-{question[2..question.IndexOf('[', StringComparison.Ordinal)]}[{Placeholder}]");
        await client.SendBinaryAsync([7, 8]);
        Assert.Equal([7, 8], await binary.Within());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task A_large_message_passes_three_times_each_way(string transport)
    {
        var text = string.Join(' ', Enumerable.Range(0, 60_000).Select(i => $"é{i}"));
        var bytes = new byte[400_000];
        Random.Shared.NextBytes(bytes);
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            socket.On("json", (EventArgument big) => socket.EmitAsync("json", big));
            socket.On("binary", (EventArgument big) => socket.EmitAsync("binary", big));
            await socket.EmitAsync("json", new { hello = text });
            await socket.EmitAsync("binary", new { hello = "friend", image = bytes });
        }));
        using var client = await RawClient.ConnectAsync(host, transport);
        var json = $"42[\"json\",{{\"hello\":\"{text}\"}}]";
        var binary = $"451-[\"binary\",{{\"hello\":\"friend\",\"image\":{Placeholder}}}]";
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(json, await client.ReadAsync());
            Assert.Equal(binary, await client.ReadAsync());
            Assert.Equal(Convert.ToHexString(bytes), await client.ReadAsync());
            await client.SendAsync(json);
            await client.SendAsync(binary);
            await client.SendBinaryAsync(bytes);
        }
    }

    [Fact]
    public async Task What_a_namespace_hears_right_after_its_answer_is_handled_in_order()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat").OnConnection(async socket =>
        {
            await ready.Task;
            socket.On("hi", async (string letter) =>
            {
                if (letter == "a")
                {
                    await socket.EmitAsync("a is at work");
                    await first.Task;
                }
                _seen.Enqueue(letter);
            });
            socket.On("end", () => true);
        }));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40/chat,");
        await peer.SendAsync("40"); // another namespace in between
        await peer.SendAsync("42/chat,[\"hi\",\"a\"]");
        await peer.SendAsync("42/chat,[\"hi\",\"b\"]");
        await peer.SendAsync("42/chat,1[\"end\"]");
        Assert.StartsWith("40/chat,{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("40{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.AssertRefusedAsync("/nowhere"); // all of it has been read, and nobody listens yet
        ready.SetResult();
        Assert.Equal("42/chat,[\"a is at work\"]", await peer.ReadAsync());
        await peer.AssertRefusedAsync("/nowhere"); // and nothing that stood behind it was answered before
        Assert.Empty(_seen);
        first.SetResult();
        Assert.Equal("43/chat,1[true]", await peer.ReadAsync());
        Assert.Equal(["a", "b"], _seen);
    }

    [Fact]
    public async Task A_socket_knows_the_request_that_opened_its_connection_and_the_auth_of_its_own_namespace()
    {
        await using var host = await SocketHost.StartAsync(io =>
        {
            foreach (var ns in new[] { io.Sockets, io.Of("/second") })
            {
                ns.OnConnection(socket => socket.On("who", () => new
                {
                    query = $"{socket.Handshake.Query["key1"]} {socket.Handshake.Query["EIO"]}",
                    url = socket.Handshake.Url,
                    upgrade = socket.Handshake.Headers.Upgrade.ToString(),
                    address = socket.Handshake.Address,
                    secure = socket.Handshake.Secure,
                    auth = socket.Handshake.Auth,
                }));
            }
        });
        using var peer = await host.OpenAsync("&key1=1&key2=a%20b");
        await peer.SendAsync("40");
        await peer.ReadAsync();
        await peer.SendAsync("40/second,{\"key1\":\"aa\",\"key2\":\"&=bb\"}");
        await peer.ReadAsync();
        const string Same = "\"query\":\"1 4\",\"url\":\"/socket.io/?EIO=4&transport=websocket&key1=1&key2=a%20b\",\"upgrade\":\"websocket\",\"address\":\"127.0.0.1\",\"secure\":false";
        await peer.SendAsync("420[\"who\"]");
        Assert.Equal($"430[{{{Same},\"auth\":null}}]", await peer.ReadAsync());
        await peer.SendAsync("42/second,0[\"who\"]");
        Assert.Equal($"43/second,0[{{{Same},\"auth\":{{\"key1\":\"aa\",\"key2\":\"&=bb\"}}}}]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_socket_shows_the_connection_that_the_sockets_of_its_client_share()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat"));
        using var peer = await host.OpenAsync("&key=1");
        await peer.SendAsync("40");
        peer.Id = (await peer.ReadAsync()).Split('"')[3];
        var socket = await host.SocketAsync(peer);
        await peer.SendAsync("40/chat");
        peer.Id = (await peer.ReadAsync()).Split('"')[3];
        var chat = await host.SocketAsync(peer, "/chat");
        Assert.NotSame(socket, chat);
        Assert.Same(socket.Connection, chat.Connection);
        Assert.Equal(("websocket", true, 4), (socket.Connection.TransportName, socket.Connection.IsOpen, socket.Connection.Protocol));
        Assert.Equal("websocket", socket.Transport);
        Assert.Equal("1", socket.Connection.Handshake.Query["key"]);
        Assert.Same(socket.Connection.Handshake.Headers, chat.Handshake.Headers);
        Assert.Equal("websocket", chat.Handshake.Headers.Upgrade);
        await socket.Connection.SendAsync("beside the packets");
        Assert.Equal("4beside the packets", await peer.ReadAsync());
    }

    [Fact]
    public async Task The_id_of_a_socket_is_its_own_in_each_namespace_and_not_that_of_the_connection()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/chat"));
        using var peer = await host.ConnectAsync();
        await peer.SendAsync("40/chat");
        var other = (await peer.ReadAsync()).Split('"')[3];
        var socket = await host.SocketAsync(peer);
        Assert.Equal(socket.Id, peer.Id);
        Assert.Matches("^[A-Za-z0-9_-]{20}$", socket.Id);
        Assert.NotEqual(socket.Id, other);
        Assert.DoesNotContain(socket.Binding.Outlet.Id, new[] { socket.Id, other });
        Assert.Equal([socket.Id], socket.Rooms);
    }

    private static string Number(int n) => $"{{\"_placeholder\":true,\"num\":{n}}}";
}
