using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Holdfast.Engine;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;

namespace Holdfast.Server.Tests.Engine;

public class PollingTests
{
    [Fact]
    public async Task A_post_answers_ok_and_its_echoes_come_in_one_body()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();

        using var response = await host.Http.PostAsync(
            new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}"), new StringContent("4a\u001e4é€😀\u001ebAQIDBA=="));

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/html", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(2, response.Content.Headers.ContentLength);
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal((200, "4a\u001e4é€😀\u001ebAQIDBA=="), await host.PollAsync(id));
    }

    [Fact]
    public async Task The_echoes_of_one_post_reach_a_waiting_poll_together()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        for (var i = 0; i < 50; i++)
        {
            var poll = await host.ParkPollAsync(id, session);

            await host.PostAsync(id, "4a\u001e4b\u001ebAQI=\u001e4c");

            Assert.Equal((200, "4a\u001e4b\u001ebAQI=\u001e4c"), await poll);
        }
    }

    [Fact]
    public async Task A_handler_that_pauses_doesnt_hold_back_what_it_has_sent()
    {
        var finish = new TaskCompletionSource();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = async text =>
        {
            session.Session.TrySend(Packets.Text("answer to " + text));
            await finish.Task;
        });
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);

        var post = host.PostAsync(id, "4one\u001e4two");

        Assert.Equal((200, "4answer to one"), await poll);
        Assert.False(post.IsCompleted);
        finish.SetResult();
        Assert.Equal((200, "ok"), await post);
        Assert.Equal((200, "4answer to two"), await host.PollAsync(id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // as a proxy may bring it
    public async Task A_poll_that_comes_again_after_its_messages_were_written_ends_the_session(bool onAnotherConnection)
    {
        var time = new FakeTime();
        await using var host = await EngineHost.StartAsync(time: time);
        var (id, session) = await host.OpenPollingAsync();
        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id + "&t=x1"));
        await host.PostAsync(id, "4b");
        Assert.Equal((200, "4b"), await host.PollAsync(id + "&t=x2"));
        await host.PostAsync(id, "4c");
        if (onAnotherConnection)
            host.UseNewConnections();
        else
            time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollAsync(id + "&t=x2"));

        Assert.Equal("transport error: a poll came again: its answer was lost", await session.Closed);
    }

    [Fact]
    public async Task Requests_of_one_moment_on_one_connection_may_have_one_mark()
    {
        await using var host = await EngineHost.StartAsync();
        host.UseOneConnection();
        var (id, _) = await host.OpenPollingAsync();
        foreach (var message in new[] { "4a", "4b" })
        {
            Assert.Equal((200, "ok"), await host.PostAsync(id + "&t=1", message));
            Assert.Equal((200, message), await host.PollAsync(id + "&t=1"));
        }
    }

    [Fact]
    public async Task Polls_without_a_mark_of_their_own_are_all_different()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();
        foreach (var query in new[] { "", "", "&t=", "&t=", "&t=1&t=1", "&t=1&t=1" })
        {
            await host.PostAsync(id, "4" + query);

            Assert.Equal((200, "4" + query), await host.PollAsync(id + query));
        }
    }

    [Fact]
    public async Task A_post_that_comes_again_is_answered_and_not_handled_again()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();

        Assert.Equal((200, "ok"), await host.PostAsync(id + "&t=x1", "4a"));
        host.UseNewConnections();
        Assert.Equal((200, "ok"), await host.PostAsync(id + "&t=x1", "4a"));
        host.UseNewConnections();
        Assert.Equal((200, "ok"), await host.PostAsync(id + "&t=x2", "4b"));

        Assert.Equal((200, "4a\u001e4b"), await host.PollAsync(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("7")]
    [InlineData("4a\u001e")]
    [InlineData("b!!!")]
    [InlineData("\u001e4a")]
    public async Task An_unreadable_body_ends_the_session(string body)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PostAsync(id, body));

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_ends_the_session_before_anything_of_it_is_handled()
    {
        var received = new List<string>();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            received.Add(text);
            return ValueTask.CompletedTask;
        });
        var (id, session) = await host.OpenPollingAsync();

        var (status, _) = await host.PostAsync(id, new ByteArrayContent([(byte)'4', (byte)'a', 0x1e, (byte)'4', 0xc3, 0x28]));

        Assert.Equal(400, status);
        Assert.Equal("parse error: text is not UTF-8", await session.Closed);
        Assert.Empty(received);
    }

    [Fact]
    public async Task What_stands_before_a_bad_packet_is_handled_and_nothing_behind_it()
    {
        var received = new List<string>();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            received.Add(text);
            return ValueTask.CompletedTask;
        });
        var (id, session) = await host.OpenPollingAsync();

        await host.PostAsync(id, "4a\u001e4b\u001ex\u001e4c");

        await session.Closed;
        Assert.Equal(["a", "b"], received);
    }

    [Fact]
    public async Task A_ping_from_the_client_goes_the_wrong_way()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();

        Assert.Equal(400, (await host.PostAsync(id, "2")).Status);

        Assert.Equal("transport error: invalid heartbeat direction", await session.Closed);
    }

    [Theory]
    [InlineData("0{}")]
    [InlineData("5")]
    [InlineData("6")]
    [InlineData("3")]
    public async Task Packets_that_say_nothing_here_are_passed_over(string packet)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, _) = await host.OpenPollingAsync();

        Assert.Equal((200, "ok"), await host.PostAsync(id, packet + "\u001e4a"));

        Assert.Equal((200, "4a"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_second_poll_ends_both_and_the_session()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var first = await host.ParkPollAsync(id, session);

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollAsync(id));

        Assert.Equal((200, "1"), await first);
        Assert.Equal("transport error: overlap from client", await session.Closed);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_second_post_ends_the_session()
    {
        var entered = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = _ =>
        {
            entered.SetResult();
            return new ValueTask(finish.Task);
        });
        var (id, session) = await host.OpenPollingAsync();
        var first = host.PostAsync(id, "4a\u001e4b");
        await entered.Task.Within();

        Assert.Equal(400, (await host.PostAsync(id, "4c")).Status);

        Assert.Equal("transport error: overlap from client", await session.Closed);

        // The first is answered although its handler never finishes.
        Assert.Equal((200, "ok"), await first);
        finish.SetResult();
    }

    [Fact]
    public async Task A_binary_body_gets_an_answer_and_ends_the_session()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var body = new ByteArrayContent([4, 1, 2]) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

        Assert.Equal(400, (await host.PostAsync(id, body)).Status);

        Assert.Equal("transport error: binary body", await session.Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_answered_413_and_the_session_lives_on(bool chunked)
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 1000);
        var (id, _) = await host.OpenPollingAsync();

        Assert.Equal((200, "ok"), await host.PostAsync(id, "4" + new string('x', 999)));
        Assert.Equal((200, "4" + new string('x', 999)), await host.PollAsync(id));

        Assert.Equal((413, ""), await host.PostAsync(id, Content("4" + new string('y', 1000))));
        Assert.Equal((413, ""), await host.PostAsync(id, Content("4" + new string('z', 100_000))));

        await host.PostAsync(id, Content("4still here"));
        Assert.Equal((200, "4still here"), await host.PollAsync(id));

        HttpContent Content(string text) => chunked ? new ChunkedContent(text) : new StringContent(text);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\n41\r\n", "1\r\n2\r\n", "1\r\n3\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 4\r\n", "41", "2", "3")]
    public async Task A_body_that_comes_in_pieces_is_one_message(string headers, string first, string second, string third)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("POST", $"{EngineHost.PollingQuery}&sid={id}", headers, first);
        await Waiting.Until(() => ((PollingTransport)session.Session.Transport).IsReading);
        await raw.SendAsync(second);
        await raw.SendAsync(third);

        Assert.StartsWith("HTTP/1.1 200 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal((200, "4123"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_chunked_body_without_end_is_refused_when_it_passes_the_limit()
    {
        await using var host = await EngineHost.StartAsync(options => options.MaxHttpBufferSize = 1000);
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("POST", $"{EngineHost.PollingQuery}&sid={id}", "Transfer-Encoding: chunked\r\n");
        for (var i = 0; i < 11; i++)
        {
            await raw.SendAsync("64\r\n" + new string('4', 100) + "\r\n");
        }

        Assert.StartsWith("HTTP/1.1 413 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task A_body_that_breaks_off_ends_the_session()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();

        await raw.SendRequestAsync("POST", $"{EngineHost.PollingQuery}&sid={id}", "Content-Length: 100\r\n", "4abc");
        raw.Dispose();

        Assert.Equal("transport error: data request connection closed prematurely", await session.Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poll_that_breaks_off_ends_the_session(bool reset)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        using var raw = await host.OpenRawAsync();
        await raw.SendRequestAsync("GET", $"{EngineHost.PollingQuery}&sid={id}");
        await Waiting.Until(() => session.Session.Transport.IsWritable);

        if (reset)
        {
            raw.Reset();
        }
        else
        {
            raw.Dispose();
        }

        Assert.Equal("transport error: poll connection closed prematurely", await session.Closed);
    }

    [Fact]
    public async Task Connections_that_close_after_each_request_are_fine()
    {
        await using var host = await EngineHost.StartAsync();
        host.Http.DefaultRequestHeaders.ConnectionClose = true;
        var (id, _) = await host.OpenPollingAsync();

        await host.PostAsync(id, "4a");

        Assert.Equal((200, "4a"), await host.PollAsync(id));
    }

    [Fact]
    public async Task A_client_that_closes_its_connection_behind_the_answer_keeps_its_session_even_if_that_is_heard_before_the_write_is_over()
    {
        await using var host = await EngineHost.StartAsync(middleware: app => app.Use(async (context, next) =>
        {
            using var closed = new CancellationTokenSource();
            context.RequestAborted = closed.Token;
            context.Response.OnStarting(closed.CancelAsync);
            await next(context);
        }));
        var (id, session) = await host.OpenPollingAsync();

        for (var i = 0; i < 3; i++)
        {
            await host.PostAsync(id, $"4{i}");
            Assert.Equal((200, $"4{i}"), await host.PollAsync(id));
        }

        Assert.False(session.Closed.IsCompleted);
    }

    [Fact]
    public async Task The_clients_close_ends_the_waiting_poll_with_a_noop()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);

        Assert.Equal((200, "ok"), await host.PostAsync(id, "1"));

        Assert.Equal((200, "6"), await poll);
        Assert.Equal("transport close: closed by the client", await session.Closed);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollAsync(id));
    }

    [Fact]
    public async Task The_clients_close_and_its_poll_may_be_sent_at_the_same_moment()
    {
        // The clock stands still: however slow the machine is, the moment that the server waits does not pass.
        await using var host = await EngineHost.StartAsync(time: new FakeTime());
        for (var i = 0; i < 20; i++)
        {
            var (id, _) = await host.OpenPollingAsync();

            // The post first: the worst order.
            var post = host.PostAsync(id, "1");
            var poll = host.PollAsync(id);

            Assert.Equal((200, "6"), await poll);
            Assert.Equal((200, "ok"), await post);
            Assert.Equal(400, (await host.PollAsync(id)).Status);
        }
    }

    [Fact]
    public async Task A_close_inside_a_payload_stops_what_stands_behind_it()
    {
        var received = new List<string>();
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            received.Add(text);
            return ValueTask.CompletedTask;
        });
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);

        await host.PostAsync(id, "4a\u001e1\u001e4b");

        Assert.Equal((200, "6"), await poll);
        await session.Closed;
        Assert.Equal(["a"], received);
    }

    [Fact]
    public async Task A_poll_takes_what_fits_and_leaves_the_rest_for_the_next()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(session.Session.TrySend(Packets.Sized(400_000)));
        }

        Assert.Equal(800_001, (await host.PollAsync(id)).Body.Length);
        Assert.Equal(400_000, (await host.PollAsync(id)).Body.Length);

        Assert.True(session.Session.TrySend(Packets.Sized(2_000_000)));
        Assert.Equal(2_000_000, (await host.PollAsync(id)).Body.Length);
    }

    [Fact]
    public async Task Ten_thousand_small_messages_come_in_order()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var sent = Enumerable.Range(0, 10_000).Select(i => $"4m{i}").ToList();

        Assert.Equal((200, "ok"), await host.PostAsync(id, string.Join('\u001e', sent)));
        var received = new List<string>();
        while (received.Count < sent.Count)
        {
            received.AddRange((await host.PollAsync(id)).Body.Split('\u001e'));
        }

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Only_the_first_of_two_volatile_packets_finds_the_poll()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        Assert.False(session.Session.TrySendVolatile(Packets.Text("nobody waits")));
        var poll = await host.ParkPollAsync(id, session);

        Assert.True(session.Session.TrySendVolatile(Packets.Text("first")));
        Assert.False(session.Session.TrySendVolatile(Packets.Text("second")));

        Assert.Equal((200, "4first"), await poll);
    }

    [Fact]
    public async Task A_handler_can_answer_with_a_volatile_packet()
    {
        await using var host = await EngineHost.StartAsync(connected: session => session.Received = text =>
        {
            Assert.True(session.Session.TrySendVolatile(Packets.Text(text)));
            return ValueTask.CompletedTask;
        });
        var (id, session) = await host.OpenPollingAsync();
        var poll = await host.ParkPollAsync(id, session);

        await host.PostAsync(id, "4now");

        Assert.Equal((200, "4now"), await poll);
    }

    private sealed class ChunkedContent(string text) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
