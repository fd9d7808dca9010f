using System.Net.WebSockets;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What the server's own frames are, byte by byte, and when pings are answered.</summary>
public class FrameWriteTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(1, "01")]
    [InlineData(125, "7D")]
    [InlineData(126, "7E007E")]
    [InlineData(127, "7E007F")]
    [InlineData(2048, "7E0800")]
    [InlineData(2049, "7E0801")]
    [InlineData(65535, "7EFFFF")]
    [InlineData(65536, "7F0000000000010000")]
    [InlineData(300_000, "7F00000000000493E0")]
    public async Task A_message_is_one_frame_without_a_mask(int length, string lengthBytes)
    {
        using var line = new FrameLine();
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        await line.Channel.WriteAsync(payload, isBinary: true, compress: true);
        await line.Channel.FlushAsync();
        Assert.Equal("82" + lengthBytes + Convert.ToHexString(payload), line.TakeWritten());

        await line.Channel.WriteAsync(payload, isBinary: false, compress: false);
        await line.Channel.FlushAsync();
        Assert.Equal("81" + lengthBytes + Convert.ToHexString(payload), line.TakeWritten());
    }

    [Fact]
    public async Task Nothing_leaves_before_it_is_flushed_and_then_all_leaves_in_its_order()
    {
        using var line = new FrameLine();

        await line.Channel.WriteAsync("4a"u8.ToArray(), isBinary: false, compress: false);
        await line.Channel.WriteAsync("bc"u8.ToArray(), isBinary: true, compress: false);
        Assert.Equal("", line.TakeWritten());
        await line.Channel.FlushAsync();

        Assert.Equal("8102346182026263", line.TakeWritten());
    }

    [Theory]
    [InlineData(1000, "880203E8")]
    [InlineData(1002, "880203EA")]
    [InlineData(1009, "880203F1")]
    public async Task The_close_frame_has_its_status_and_no_more(int status, string frame)
    {
        using var line = new FrameLine();

        await line.Channel.CloseOutputAsync((WebSocketCloseStatus)status);

        Assert.Equal(frame, line.TakeWritten());
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload_by_the_next_flush()
    {
        using var line = new FrameLine();
        Assert.False(line.Channel.HasAnswer);
        foreach (var payload in new[] { "", "a", new string('x', 125) })
        {
            line.Send(FrameLine.Frame(0x89, payload));
            Assert.Equal(["waits"], await line.ReadAsync());

            Assert.True(line.Channel.HasAnswer);
            Assert.Equal("", line.TakeWritten());
            await line.Channel.FlushAsync();
            Assert.False(line.Channel.HasAnswer);
            Assert.Equal($"8A{payload.Length:X2}{Convert.ToHexString(Encoding.ASCII.GetBytes(payload))}", line.TakeWritten());
        }
    }

    [Fact]
    public async Task Of_many_pings_the_last_is_answered_and_the_answer_stands_behind_what_was_written_before()
    {
        using var line = new FrameLine();
        await line.Channel.WriteAsync("4a"u8.ToArray(), isBinary: false, compress: false);
        line.Send([.. Enumerable.Range(0, 10_000).Select(i => FrameLine.Frame(0x89, $"ping {i}"))]);

        Assert.Equal(["waits"], await line.ReadAsync());
        await line.Channel.FlushAsync();

        Assert.Equal("81023461" + "8A09" + Convert.ToHexString("ping 9999"u8), line.TakeWritten());
        await line.Channel.FlushAsync();
        Assert.Equal("", line.TakeWritten());
    }

    [Fact]
    public async Task Pings_while_the_writer_is_blocked_cost_one_answer_and_no_memory()
    {
        using var line = new FrameLine(room: 100);
        await line.Channel.WriteAsync(new byte[100], isBinary: true, compress: false);
        var flush = line.Channel.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);

        var flood = Enumerable.Range(0, 100).SelectMany(_ => FrameLine.Frame(0x89, new string('x', 125))).ToArray();
        line.Send(flood);
        Assert.Equal(["waits"], await line.ReadAsync());
        for (var i = 0; i < 100; i++)
        {
            line.Send(flood);
            Assert.Equal(["waits"], await line.ReadAsync());
        }

        line.Send(FrameLine.Frame(0x89, "last"));
        Assert.Equal(["waits"], await line.ReadAsync());
        Assert.Equal("8264" + new string('0', 200), line.TakeWritten());
        await flush.Within();
        await line.Channel.FlushAsync();
        Assert.Equal("8A04" + Convert.ToHexString("last"u8), line.TakeWritten());
    }

    [Fact]
    public async Task The_close_frame_is_the_last_word_whatever_pings_come()
    {
        using var line = new FrameLine();
        line.Send(FrameLine.Frame(0x89, "a"));
        Assert.Equal(["waits"], await line.ReadAsync());

        await line.Channel.CloseOutputAsync(WebSocketCloseStatus.NormalClosure);
        Assert.Equal("8A0161" + "880203E8", line.TakeWritten());

        line.Send(FrameLine.Frame(0x89, "b"));
        Assert.Equal(["waits"], await line.ReadAsync());
        Assert.False(line.Channel.HasAnswer);
    }

    [Fact]
    public async Task Pongs_that_nobody_asked_for_are_ignored()
    {
        using var line = new FrameLine();
        line.Send(FrameLine.Frame(0x8a, "hello"), FrameLine.Frame(0x8a, ""), FrameLine.Frame(0x81, "4a"));

        Assert.Equal(["t:4a", "waits"], await line.ReadAsync());
        Assert.False(line.Channel.HasAnswer);
    }

    [Fact]
    public async Task A_flush_waits_while_the_network_takes_no_more()
    {
        using var line = new FrameLine(room: 1000);
        await line.Channel.WriteAsync(new byte[2000], isBinary: true, compress: false);

        var flush = line.Channel.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);
        Assert.Equal(2 * 2004, line.TakeWritten().Length);

        await flush.Within();
    }

    [Fact]
    public async Task A_network_that_has_ended_is_told_by_the_next_flush_and_by_the_one_that_waits()
    {
        using var line = new FrameLine(room: 10);
        await line.Channel.WriteAsync(new byte[20], isBinary: true, compress: false);
        var flush = line.Channel.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);

        line.EndWriting();

        await Assert.ThrowsAsync<IOException>(() => flush.Within());
        await Assert.ThrowsAsync<IOException>(() => line.Channel.FlushAsync().Within());
    }

    [Fact]
    public void An_abort_is_the_requests()
    {
        using var line = new FrameLine();

        line.Channel.Abort();

        Assert.True(line.WasAborted);
    }
}
