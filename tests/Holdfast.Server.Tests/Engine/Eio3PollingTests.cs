
namespace Holdfast.Server.Tests.Engine;

/// <summary>What the bodies of Engine.IO 3 say, byte for byte, in and out.</summary>
public class Eio3PollingTests
{
    [Fact]
    public async Task Text_goes_both_ways_with_its_length_in_UTF_16_units()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, _) = await host.OpenThreeAsync();

        Assert.Equal((200, "ok"), await host.PostThreeAsync(id, "6:4hello3:4😀3:4€é"));

        Assert.Equal((200, "6:4hello3:4😀3:4€é"), await host.PollThreeAsync(id));
    }

    [Fact]
    public async Task A_client_that_reads_bytes_gets_a_body_of_bytes_when_something_in_it_is_binary()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();

        session.Session.TrySend(Packets.Text("a€"));
        session.Session.TrySend(Packets.Binary(1, 2, 3));
        Assert.Equal(("application/octet-stream", "0005ff3461e282ac" + "0104ff04010203"), await host.PollBytesAsync(id));

        session.Session.TrySend(Packets.Text("a"));
        Assert.Equal(("text/plain; charset=UTF-8", "323a3461"), await host.PollBytesAsync(id));
    }

    [Fact]
    public async Task A_client_that_reads_no_bytes_gets_base64_and_sends_it()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, _) = await host.OpenThreeAsync("&b64=1");

        await host.PostThreeAsync(id, "2:4a6:b4AQID");

        Assert.Equal((200, "2:4a6:b4AQID"), await host.PollThreeAsync(id));
    }

    [Fact]
    public async Task A_body_of_bytes_is_read()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, _) = await host.OpenThreeAsync();

        Assert.Equal((200, "ok"), await host.PostBytesAsync(id, "0005ff3461e282ac" + "0104ff04010203" + "0001ff32"));

        Assert.Equal(("application/octet-stream", "0005ff3461e282ac" + "0104ff04010203" + "0001ff33"), await host.PollBytesAsync(id));
    }

    [Fact]
    public async Task An_event_and_its_attachments_stay_together()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync("&b64=1");

        session.Session.TrySend(new EncodedPacket("451-[0]"u8.ToArray(), [new byte[] { 1, 2, 3 }]));

        Assert.Equal((200, "7:451-[0]6:b4AQID"), await host.PollThreeAsync(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4a")]
    [InlineData("3:4a")]
    [InlineData("1:4a")]
    [InlineData("2:4a\u001e4b")]
    [InlineData("1000000000:4a")]
    [InlineData("5:hello")]
    [InlineData("5:b4AQI")]
    public async Task A_malformed_body_ends_the_session(string body)
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        var poll = await host.ParkPollThreeAsync(id, session);

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PostThreeAsync(id, body));

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
        Assert.Equal(200, (await poll).Status);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollThreeAsync(id));
    }

    [Theory]
    [InlineData("0002ff3461" + "00ff")]
    [InlineData("0009ff3461")]
    [InlineData("00090909090909090909ff3461")]
    [InlineData("0201ff34")]
    [InlineData("0002ff34ff")]
    public async Task A_malformed_body_of_bytes_ends_the_session(string hex)
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PostBytesAsync(id, hex));

        Assert.StartsWith("parse error: ", await session.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_before_a_bad_packet_is_handled()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        var received = new List<string>();
        session.Received = message =>
        {
            received.Add(message);
            return ValueTask.CompletedTask;
        };

        await host.PostThreeAsync(id, "2:4a2:4b2:9c2:4d");

        Assert.Equal("parse error: unknown engine packet type", await session.Closed);
        Assert.Equal(["a", "b"], received);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_in_either_format()
    {
        await using var host = await Eio3Client.StartAsync(options => options.MaxHttpBufferSize = 100);
        var (id, session) = await host.OpenThreeAsync();

        Assert.Equal(413, (await host.PostThreeAsync(id, "99:4" + new string('x', 98))).Status);
        Assert.Equal(413, (await host.PostBytesAsync(id, new string('0', 202))).Status);
        Assert.False(session.IsClosed);
        Assert.Equal((200, "ok"), await host.PostThreeAsync(id, "97:4" + new string('x', 96)));
    }

    [Fact]
    public async Task A_body_holds_so_many_packets_at_most()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();

        Assert.Equal(400, (await host.PostThreeAsync(id, string.Concat(Enumerable.Repeat("1:6", 100_001)))).Status);

        Assert.Equal("parse error: too many packets in one payload", await session.Closed);
    }

    [Fact]
    public async Task The_clients_close_ends_its_poll_with_a_noop_and_what_stands_behind_it_is_not_handled()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        session.Received = _ => throw new InvalidOperationException("not to be handled");
        var poll = await host.ParkPollThreeAsync(id, session);

        Assert.Equal((200, "ok"), await host.PostThreeAsync(id, "1:12:4a"));

        Assert.Equal((200, "1:6"), await poll);
        Assert.Equal("transport close: closed by the client", await session.Closed);
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await host.PollThreeAsync(id));
    }

    [Fact]
    public async Task The_servers_close_ends_the_waiting_poll_or_the_next_one()
    {
        await using var host = await Eio3Client.StartAsync();
        var (waiting, first) = await host.OpenThreeAsync();
        var poll = await host.ParkPollThreeAsync(waiting, first);
        first.Session.Close();
        Assert.Equal((200, "1:1"), await poll);
        Assert.Equal("forced close", await first.Closed);

        var (later, second) = await host.OpenThreeAsync();
        second.Session.TrySend(Packets.Text("last"));
        second.Session.Close();
        Assert.Equal((200, "5:4last"), await host.PollThreeAsync(later));
        Assert.Equal((200, "1:61:1"), await host.PollThreeAsync(later));
        Assert.Equal("forced close", await second.Closed);
    }

    [Fact]
    public async Task Overlapping_polls_end_the_session()
    {
        await using var host = await Eio3Client.StartAsync();
        var (id, session) = await host.OpenThreeAsync();
        var poll = await host.ParkPollThreeAsync(id, session);

        Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), await host.PollThreeAsync(id));

        Assert.Equal("transport error: overlap from client", await session.Closed);
        Assert.Equal((200, "1:1"), await poll);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_bodies_harm_nobody(int seed)
    {
        await using var host = await Eio3Client.StartAsync(options => options.AllowJsonp = true);
        var (witness, _) = await host.OpenWebSocketThreeAsync();
        var random = new Random(seed);
        string[] pieces = ["2:4a", "1:2", "6:2probe", "3:4😀", "6:b4AQID", "d=", "%", ":", "99999999999:", "\\n", "\u001e", "1:1"];
        for (var i = 0; i < 200; i++)
        {
            var (id, _) = await host.OpenThreeAsync(random.Next(3) switch { 0 => "&j=7", 1 => "&b64=1", _ => "" });
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => pieces[random.Next(pieces.Length)]));
            var noise = new byte[random.Next(1, 40)];
            random.NextBytes(noise);
            noise[0] &= 1;
            var (status, _) = random.Next(2) == 0 ? await host.PostThreeAsync(id, text) : await host.PostBytesAsync(id, Convert.ToHexString(noise));
            Assert.True(status is 200 or 400, $"{status}");
        }

        await witness.SendTextAsync("4alive");
        Assert.Equal("4alive", await witness.ReadTextAsync());
    }
}
