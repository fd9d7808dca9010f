using System.Text;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What arrives as frames comes out as messages, however the network has cut it.</summary>
public class FrameReadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(300_000)]
    public async Task A_message_of_any_length_is_read(int length)
    {
        using var line = new FrameLine();
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var text = new string('x', length);

        line.Send(FrameLine.Frame(0x82, payload), FrameLine.Frame(0x81, text));

        Assert.Equal(["b:" + Convert.ToHexString(payload), "t:" + text, "waits"], await line.ReadAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public async Task A_length_may_be_written_longer_than_it_needs_to_be(int lengthBytes)
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x81, "4a"u8, lengthBytes), FrameLine.Frame(0x81, ""u8, lengthBytes), FrameLine.Frame(0x81, "4b"));

        Assert.Equal(["t:4a", "t:", "t:4b", "waits"], await line.ReadAsync());
    }

    [Fact]
    public async Task Fragments_make_one_message_with_control_frames_between_them()
    {
        using var line = new FrameLine();

        line.Send(
            FrameLine.Frame(0x01, "4o"), FrameLine.Frame(0x89, "ping"), FrameLine.Frame(0x00, "n"), FrameLine.Frame(0x8a, "pong"), FrameLine.Frame(0x00, ""),
            FrameLine.Frame(0x80, "e"), FrameLine.Frame(0x02, "a"), FrameLine.Frame(0x80, "b"));

        Assert.Equal(["t:4one", "b:6162", "waits"], await line.ReadAsync());
        Assert.True(line.Channel.HasAnswer);
        await line.Channel.FlushAsync();
        Assert.Equal("8A0470696E67", line.TakeWritten());
    }

    [Fact]
    public async Task A_message_may_consist_of_fragments_without_bytes()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x01, ""), FrameLine.Frame(0x00, ""), FrameLine.Frame(0x80, ""), FrameLine.Frame(0x02, ""), FrameLine.Frame(0x80, "a"));

        Assert.Equal(["t:", "b:61", "waits"], await line.ReadAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("03E8")]
    [InlineData("03E962796520C3A9")]
    [InlineData("0BB8")]
    [InlineData("1387")]
    public async Task A_close_frame_ends_the_reading_and_what_comes_behind_it_counts_no_more(string payload)
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x81, "4a"), FrameLine.Frame(0x88, Convert.FromHexString(payload)), FrameLine.Frame(0x81, "4b"), FrameLine.Frame(0x89, "ping"), [0xff, 0xff, 0xff]);

        Assert.Equal(["t:4a", "closed"], await line.ReadAsync());
        Assert.Equal(["closed"], await line.ReadAsync());
        Assert.False(line.Channel.HasAnswer);
    }

    [Fact]
    public async Task A_close_frame_may_come_in_the_middle_of_a_message()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x01, "4a"), FrameLine.Frame(0x88, ""));

        Assert.Equal(["closed"], await line.ReadAsync());
    }

    [Fact]
    public async Task A_connection_that_ends_without_a_close_frame_ends_with_an_error_behind_what_came()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x81, "4a"), FrameLine.Frame(0x81, "4b"), FrameLine.Frame(0x01, "4c"));
        line.End();

        Assert.Equal(["t:4a", "t:4b", "end"], await line.ReadAsync());
    }

    [Fact]
    public async Task A_read_that_is_cancelled_says_nothing()
    {
        using var line = new FrameLine();
        Assert.Equal(["waits"], await line.ReadAsync());
        line.CancelRead();
        Assert.Equal(["waits"], await line.ReadAsync());
        line.Send(FrameLine.Frame(0x81, "4abc")[..7]);
        Assert.Equal(["waits"], await line.ReadAsync());
        line.CancelRead();
        Assert.Equal(["waits"], await line.ReadAsync());

        line.Send(FrameLine.Frame(0x81, "4abc")[7..]);

        Assert.Equal(["t:4abc", "waits"], await line.ReadAsync());
    }

    [Fact]
    public async Task Wherever_the_network_cuts_the_messages_are_the_same()
    {
        var (stream, expected) = Everything();
        for (var cut = 1; cut < stream.Length; cut++)
        {
            using var line = new FrameLine();
            line.Send(stream[..cut]);
            var read = await line.ReadAsync();
            if (read[^1] == "waits")
            {
                read.RemoveAt(read.Count - 1);
                line.Send(stream[cut..]);
                read.AddRange(await line.ReadAsync());
            }

            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public async Task One_byte_at_a_time_is_enough()
    {
        var (stream, expected) = Everything();
        using var line = new FrameLine();
        var read = new List<string>();
        foreach (var one in stream)
        {
            line.Send([one]);
            read.AddRange(await line.ReadAsync());
        }

        Assert.Equal(expected, read.Where(entry => entry != "waits"));
    }

    [Fact]
    public async Task However_scattered_the_bytes_lie_in_memory_the_messages_are_the_same()
    {
        var (stream, expected) = Everything();
        for (var segment = 1; segment <= 40; segment++)
        {
            using var line = new FrameLine(segment: segment);
            line.Send(stream);

            Assert.Equal(expected, await line.ReadAsync());
        }
    }

    [Fact]
    public async Task A_message_may_be_larger_than_what_the_pipe_holds()
    {
        using var line = new FrameLine(maxMessage: 1_000_000);
        var text = new string('x', 1_000_000);
        var bytes = FrameLine.Frame(0x81, text);
        var read = new List<string>();

        // The pipe pauses its writer at 64 KiB.
        for (var at = 0; at < bytes.Length; at += 60_000)
        {
            Assert.True(read.All(entry => entry == "waits"));
            line.Send(bytes[at..Math.Min(at + 60_000, bytes.Length)]);
            read.AddRange(await line.ReadAsync());
        }

        Assert.Equal(["t:" + text, "waits"], read[^2..]);
    }

    [Fact]
    public async Task Text_is_checked_as_a_whole_so_a_character_may_be_cut_anywhere()
    {
        var text = Encoding.UTF8.GetBytes("4a\u00e9\u20ac\U0001f600b");
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                using var line = new FrameLine();
                line.Send(FrameLine.Frame(0x01, text.AsSpan(0, first)), FrameLine.Frame(0x00, text.AsSpan(first..second)), FrameLine.Frame(0x80, text.AsSpan(second)));

                Assert.Equal(["t:4a\u00e9\u20ac\U0001f600b", "waits"], await line.ReadAsync());
            }
        }
    }

    [Fact]
    public async Task Binary_messages_are_not_text()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x82, [0xff, 0xfe]), FrameLine.Frame(0x02, [0xc3]), FrameLine.Frame(0x80, [0x28]));

        Assert.Equal(["b:FFFE", "b:C328", "waits"], await line.ReadAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(10)]
    public async Task The_pipe_is_left_as_one_that_nobody_reads_from(int arrived)
    {
        var line = new FrameLine();
        line.Send(FrameLine.Frame(0x81, "4abc")[..arrived]);
        line.End();
        Assert.Equal("end", (await line.ReadAsync())[^1]);

        line.Channel.Dispose();
        line.Channel.Dispose();

        // A pipe refuses to be read while an earlier read has not been completed.
        Assert.True(line.CanBeRead);
    }

    /// <summary>All kinds of frames, and the messages that they make.</summary>
    private static (byte[] Stream, string[] Messages) Everything()
    {
        var medium = new string('m', 126);
        byte[][] frames =
        [
            FrameLine.Frame(0x81, "4a"),
            FrameLine.Frame(0x82, ""),
            FrameLine.Frame(0x89, "ping"),
            FrameLine.Frame(0x01, "4\u20ac"u8[..2]),
            FrameLine.Frame(0x8a, ""),
            FrameLine.Frame(0x00, "4\u20ac"u8[2..3]),
            FrameLine.Frame(0x89, new string('p', 40)),
            FrameLine.Frame(0x80, "4\u20ac"u8[3..]),
            FrameLine.Frame(0x81, medium),
            FrameLine.Frame(0x82, [1, 2, 3, 4, 5, 6, 7, 8, 9], lengthBytes: 8),
            FrameLine.Frame(0x02, [1]),
            FrameLine.Frame(0x80, []),
            FrameLine.Frame(0x88, [3, 0xe8, .. "bye"u8]),
        ];
        return ([.. frames.SelectMany(frame => frame)], ["t:4a", "b:", "t:4\u20ac", "t:" + medium, "b:010203040506070809", "b:01", "closed"]);
    }
}
