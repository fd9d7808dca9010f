using System.IO.Compression;
using System.Text;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Engine;

public class CompressionTests
{
    private static readonly string Long = new('x', 1023);

    [Theory]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("deflate, gzip", "deflate")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br, deflate;q=0.5", "deflate")]
    [InlineData("gzip;q=0.2, deflate;q=0.3", "deflate")]
    [InlineData("gzip;q=0, *", "deflate")]
    [InlineData("*", "gzip")]
    [InlineData("gzip;q=0.5, identity;q=0.1", "gzip")]
    [InlineData("gzip;q=0.5, identity", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("*;q=0", null)]
    [InlineData("br", null)]
    [InlineData("identity", null)]
    [InlineData("nonsense;;q=x", null)]
    [InlineData(null, null)]
    public async Task A_large_body_is_compressed_as_the_client_likes_it(string? accepts, string? encoding)
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text(Long));

        using var response = await PollAsync(host, id, accepts);

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(encoding is not null, response.Headers.TransferEncodingChunked == true);
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("4" + Long, await ReadAsync(response));
    }

    [Fact]
    public async Task A_body_below_the_threshold_leaves_as_it_is()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text(Long[1..]));

        using var response = await PollAsync(host, id);

        AssertPlain(response);
        Assert.Empty(response.Headers.Vary);
        Assert.Equal("4" + Long[1..], await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_threshold_is_an_option_and_zero_compresses_all_messages()
    {
        await using var host = await EngineHost.StartAsync(options => options.HttpCompression = new() { Threshold = 0, Level = CompressionLevel.SmallestSize });

        using var open = await host.SendAsync(HttpMethod.Get, EngineHost.PollingQuery, ("Accept-Encoding", "gzip"));
        var id = EngineHost.SessionIdOf(await ReadAsync(open));
        (await host.NextSessionAsync()).Session.TrySend(Packets.Text("a"));
        using var response = await PollAsync(host, id, "deflate");

        Assert.Equal(["gzip"], open.Content.Headers.ContentEncoding);
        Assert.Equal(["deflate"], response.Content.Headers.ContentEncoding);
        Assert.Equal("4a", await ReadAsync(response));
    }

    [Fact]
    public async Task It_can_be_turned_off()
    {
        await using var host = await EngineHost.StartAsync(options => options.HttpCompression = null);
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text(Long));

        using var response = await PollAsync(host, id);

        AssertPlain(response);
        Assert.Empty(response.Headers.Vary);
    }

    [Fact]
    public async Task A_message_can_ask_for_no_compression_and_one_that_does_not_is_reason_enough()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();

        session.Session.TrySend(new EncodedPacket(Encoding.ASCII.GetBytes("4" + Long)) { Compress = false });
        using var alone = await PollAsync(host, id);
        AssertPlain(alone);
        Assert.Equal(1024, (await alone.Content.ReadAsByteArrayAsync()).Length);

        session.Session.TrySend(new EncodedPacket(Encoding.ASCII.GetBytes("4" + Long)) { Compress = false });
        session.Session.TrySend(Packets.Text("b"));
        using var together = await PollAsync(host, id);
        Assert.Equal(["gzip"], together.Content.Headers.ContentEncoding);
        Assert.Equal($"4{Long}\u001e4b", await ReadAsync(together));
    }

    [Fact]
    public async Task What_is_sent_through_the_connection_says_whether_it_may_be_compressed()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var socket = session.Session.Socket;

        await socket.SendAsync(Long, compress: false);
        await socket.SendAsync(new byte[2000], compress: false);
        using var plain = await PollAsync(host, id);
        AssertPlain(plain);

        await socket.SendAsync(Long);
        using var text = await PollAsync(host, id);
        Assert.Equal(["gzip"], text.Content.Headers.ContentEncoding);

        await socket.SendAsync(new byte[2000]);
        using var binary = await PollAsync(host, id);
        Assert.Equal(["gzip"], binary.Content.Headers.ContentEncoding);
        Assert.Equal("b" + Convert.ToBase64String(new byte[2000]), await ReadAsync(binary));
    }

    [Fact]
    public async Task A_large_body_comes_whole_and_in_order()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        var random = new Random(7);
        var texts = Enumerable.Range(0, 300).Select(i => $"{i}:{random.NextInt64()}{new string((char)('a' + (i % 26)), random.Next(3000))}").ToArray();
        foreach (var text in texts)
        {
            session.Session.TrySend(Packets.Text(text));
        }

        using var response = await PollAsync(host, id);
        var packets = (await ReadAsync(response)).Split('\x1e');

        Assert.Equal(texts.Select(text => "4" + text), packets);
        Assert.Equal((200, "ok"), await host.PostAsync(id, "4next"));
        Assert.Equal((200, "4next"), await host.PollAsync(id));
    }

    [Fact]
    public async Task The_answer_to_a_POST_is_never_compressed()
    {
        await using var host = await EngineHost.StartAsync(options => options.HttpCompression = new() { Threshold = 0 });
        var (id, _) = await OpenAsync(host);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, $"{EngineHost.PollingQuery}&sid={id}")) { Content = new StringContent("4a") };
        request.Headers.Add("Accept-Encoding", "gzip");

        using var response = await host.Http.SendAsync(request);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal(2, response.Content.Headers.ContentLength);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_compressed_body_harms_nobody()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = int.MaxValue);
        var (id, session) = await host.OpenPollingAsync();
        var noise = new byte[6_000_000];
        new Random(1).NextBytes(noise);
        session.Session.TrySend(Packets.Binary(noise));
        using (var raw = await host.OpenRawAsync())
        {
            await raw.SendRequestAsync("GET", $"{EngineHost.PollingQuery}&sid={id}", "Accept-Encoding: gzip\r\n");
            Assert.Contains("Content-Encoding: gzip", await raw.ReadHeadAsync(), StringComparison.Ordinal);
            raw.Reset();
        }

        await Waiting.Until(() => session.Session.UnsentBytes == 0);
        Assert.Equal((200, "ok"), await host.PostAsync(id, "4a"));
    }

    [Fact]
    public async Task The_hosts_own_compression_and_ours_can_both_be_undone()
    {
        await using var host = await EngineHost.StartAsync(
            services: services => services.AddResponseCompression(options => options.EnableForHttps = true),
            middleware: app => app.UseResponseCompression());
        var (id, session) = await host.OpenPollingAsync();
        session.Session.TrySend(Packets.Text(Long));

        using var response = await PollAsync(host, id, "gzip");
        Stream body = await response.Content.ReadAsStreamAsync();
        foreach (var encoding in response.Content.Headers.ContentEncoding.Reverse())
        {
            Assert.Equal("gzip", encoding);
            body = new GZipStream(body, CompressionMode.Decompress);
        }

        using var reader = new StreamReader(body);
        Assert.Equal("4" + Long, await reader.ReadToEndAsync());
    }

    [Fact]
    public void Values_out_of_range_throw_with_their_name()
    {
        var options = new EngineIOOptions { HttpCompression = new() { Threshold = -1 } };
        Assert.StartsWith("HttpCompression.Threshold", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.HttpCompression = new() { Level = (CompressionLevel)9 };
        Assert.StartsWith("HttpCompression.Level", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private static async Task<(string Id, TestSession Session)> OpenAsync(EngineHost host)
    {
        var (_, body) = await host.GetAsync(EngineHost.PollingQuery);
        return (EngineHost.SessionIdOf(body), await host.NextSessionAsync());
    }

    private static Task<HttpResponseMessage> PollAsync(EngineHost host, string id, string? accepts = "gzip, deflate") =>
        host.SendAsync(HttpMethod.Get, $"{EngineHost.PollingQuery}&sid={id}", accepts is null ? [] : [("Accept-Encoding", accepts)]);

    private static void AssertPlain(HttpResponseMessage response)
    {
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.NotEqual(true, response.Headers.TransferEncodingChunked);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        await using var plain = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }
}
