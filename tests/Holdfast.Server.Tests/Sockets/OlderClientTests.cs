using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>The Socket.IO of clients with Engine.IO 3, frame by frame.</summary>
public class OlderClientTests
{
    [Fact]
    public async Task It_is_in_the_main_namespace_from_the_start_and_both_ends_have_its_id()
    {
        await using var host = await OlderClient.StartAsync(io => io.OnConnection(socket => socket.On("id", () => socket.Id)));
        using var peer = await host.ConnectOlderAsync();

        await peer.SendAsync("420[\"id\"]");

        Assert.Equal($"430[\"{peer.Id}\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task On_polling_the_answer_comes_with_the_handshake()
    {
        await using var host = await OlderClient.StartAsync(io => io.OnConnection(socket => socket.EmitAsync("hello")));
        using var http = new HttpClient();

        var body = await http.GetStringAsync(new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling")).Within();

        Assert.EndsWith("}2:4011:42[\"hello\"]", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_answer_that_it_waits_for_needs_no_room_in_the_outbox(bool waits)
    {
        var gate = new TaskCompletionSource();
        await using var host = await OlderClient.StartAsync(
            io => io
                .Use(async (_, next) =>
                {
                    if (waits)
                        await gate.Task;
                    await next();
                })
                .OnConnection(socket => socket.EmitAsync("hello")),
            options => options.OutboxLimit = 1);
        using var http = new HttpClient();
        var poll = new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling");

        var answers = await http.GetStringAsync(poll).Within();
        var id = answers.Split('"')[3];
        gate.TrySetResult();
        while (!answers.EndsWith("11:42[\"hello\"]", StringComparison.Ordinal))
            answers += await http.GetStringAsync(new Uri($"{poll}&sid={id}")).Within();
        Assert.EndsWith("}2:4011:42[\"hello\"]", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_first_answer_needs_no_room_in_the_outbox()
    {
        await using var host = await OlderClient.StartAsync(_ => { }, options => options.OutboxLimit = 10);
        using var http = new HttpClient();
        var poll = new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling");
        var id = (await http.GetStringAsync(poll).Within()).Split('"')[3];
        var socket = host.Io.Sockets.FindSocket(id)!;
        await socket.EmitAsync("more than its outbox may hold");

        // It leaves, and comes again without having read.
        using var content = new StringContent("2:412:40");
        await http.PostAsync(new Uri($"{poll}&sid={id}"), content).Within();

        Assert.False(socket.Connected);
        Assert.Null(host.Io.Sockets.FindSocket(id));
    }

    [Fact]
    public async Task Without_the_option_it_is_refused()
    {
        await using var host = await SocketHost.StartAsync(_ => { });
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri($"{host.Address}/socket.io/?EIO=3&transport=polling")).Within();

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("""{"code":5,"message":"Unsupported protocol version"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_stands_behind_the_name_of_a_namespace_is_its_auth()
    {
        await using var host = await OlderClient.StartAsync(io => io.Of("/chat").OnConnection(socket =>
        {
            socket.On("auth", () => socket.Handshake.Auth);
            socket.On("id", () => socket.Id);
            socket.On("name", () => socket.Namespace.Name);
        }));
        using var peer = await host.ConnectOlderAsync("&token=of+the+connection");

        await peer.SendAsync("40/chat?token=a%20b%C3%A9%2C&x=1&x=2&empty=&flag,");
        Assert.Equal("40/chat,", await peer.ReadAsync());
        await peer.SendAsync("42/chat,0[\"auth\"]");
        Assert.Equal("""43/chat,0[{"token":"a bé,","x":"2","empty":"","flag":""}]""", await peer.ReadAsync());
        await peer.SendAsync("42/chat,1[\"id\"]");
        Assert.Equal($"43/chat,1[\"/chat#{peer.Id}\"]", await peer.ReadAsync());
        await peer.SendAsync("42/chat?token=again,2[\"name\"]");
        Assert.Equal("43/chat,2[\"/chat\"]", await peer.ReadAsync());

        // Left, and joined again over the same connection, without anything to say.
        await peer.SendAsync("41/chat,");
        await peer.SendAsync("40/chat");
        Assert.Equal("40/chat,", await peer.ReadAsync());
        await peer.SendAsync("42/chat,3[\"auth\"]");
        Assert.Equal("43/chat,3[null]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_refusal_is_the_details_or_else_the_message()
    {
        await using var host = await OlderClient.StartAsync(io =>
        {
            io.Of("/plain").Use((_, _) => throw new ConnectRejectedException("not you"));
            io.Of("/detailed").Use((_, _) => throw new ConnectRejectedException("not you", new { code = 7 }));
        });
        using var peer = await host.ConnectOlderAsync();

        await peer.SendAsync("40/plain,");
        Assert.Equal("44/plain,\"not you\"", await peer.ReadAsync());
        await peer.SendAsync("40/detailed,");
        Assert.Equal("44/detailed,{\"code\":7}", await peer.ReadAsync());
        await peer.SendAsync("40/nowhere?a=b,");
        Assert.Equal("44/nowhere,{\"message\":\"Invalid namespace\"}", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_refusal_of_the_main_namespace_leaves_a_connection_that_ends_in_time()
    {
        await using var host = await OlderClient.StartAsync(
            io => io.Use((_, _) => throw new ConnectRejectedException("not you")), o => o.ConnectTimeout = TimeSpan.FromSeconds(1));
        using var peer = await host.OpenOlderAsync();
        Assert.Equal("44\"not you\"", await peer.ReadAsync());

        host.Time.Advance(1000);

        Assert.Equal("closed", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_middleware_may_take_its_time()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await OlderClient.StartAsync(io => io
            .Use(async (_, next) =>
            {
                await gate.Task;
                await next();
            })
            .Of("/chat"));
        using var peer = await host.OpenOlderAsync();
        await peer.SendAsync("40/chat,");
        Assert.Equal("40/chat,", await peer.ReadAsync());

        gate.SetResult();

        Assert.Equal("40", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_connection_handler_may_send_the_client_away_at_once()
    {
        await using var host = await OlderClient.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.EmitAsync("sorry");
            await socket.DisconnectAsync(close: true);
        }));
        using var peer = await host.OpenOlderAsync();

        Assert.Equal("40", await peer.ReadAsync());
        Assert.Equal("42[\"sorry\"]", await peer.ReadAsync());
        Assert.Equal("41", await peer.ReadAsync());
        Assert.Equal("closed", await peer.ReadAsync());
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 0);
    }

    [Fact]
    public async Task A_second_CONNECT_to_the_main_namespace_ends_the_connection()
    {
        await using var host = await OlderClient.StartAsync(_ => { });
        using var peer = await host.ConnectOlderAsync();

        await peer.SendAsync("40");

        Assert.Equal("closed", await peer.ReadAsync());
    }

    [Fact]
    public async Task More_values_behind_a_name_than_anybody_needs_end_the_connection()
    {
        await using var host = await OlderClient.StartAsync(io => io.Of("/chat"));
        using var peer = await host.ConnectOlderAsync();
        await peer.SendAsync($"40/chat?{string.Join('&', Enumerable.Repeat("", 101))}a,");
        Assert.Equal("40/chat,", await peer.ReadAsync());
        await peer.SendAsync("41/chat,");

        await peer.SendAsync($"40/chat?{string.Join('&', Enumerable.Repeat("a", 101))},");

        Assert.Equal("closed", await peer.ReadAsync());
    }

    [Fact]
    public async Task Binary_events_and_acks_have_their_placeholders_and_typed_frames()
    {
        await using var host = await OlderClient.StartAsync(io => io.OnConnection(socket =>
        {
            socket.On("bytes", (byte[] bytes) => bytes.Reverse().ToArray());
            socket.On("ask", async () => await socket.EmitAsync("answer", await socket.EmitWithAckAsync<byte[]>("question", new byte[] { 7 })));
        }));
        using var peer = await host.ConnectOlderAsync();

        await peer.SendAsync("451-0[\"bytes\",{\"_placeholder\":true,\"num\":0}]");
        await peer.SendBinaryAsync([4, 1, 2, 3]);
        Assert.Equal("461-0[{\"_placeholder\":true,\"num\":0}]", await peer.ReadAsync());
        Assert.Equal("04030201", await peer.ReadAsync());

        await peer.SendAsync("42[\"ask\"]");
        var question = await peer.ReadAsync();
        Assert.Matches("""^451-\d+\["question",{"_placeholder":true,"num":0}\]$""", question);
        Assert.Equal("0407", await peer.ReadAsync());
        await peer.SendAsync($"461-{question.Split('-')[1].Split('[')[0]}[{{\"_placeholder\":true,\"num\":0}}]");
        await peer.SendBinaryAsync([4, 8, 9]);
        Assert.Equal("451-[\"answer\",{\"_placeholder\":true,\"num\":0}]", await peer.ReadAsync());
        Assert.Equal("040809", await peer.ReadAsync());
    }
}
