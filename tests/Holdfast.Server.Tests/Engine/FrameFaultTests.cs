using System.Text;
using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>Everything that a client must not send, and the close code that answers it.</summary>
public class FrameFaultTests
{
    private const string Broken = "1002: invalid WebSocket frame";
    private const string NotText = "1007: invalid WebSocket frame";
    private const string TooLarge = "1009: message too large";
    private const string TooManyPieces = "1008: message in too many fragments";

    [Theory]
    [InlineData(0xc1)]
    [InlineData(0xa1)]
    [InlineData(0x91)]
    [InlineData(0xf2)]
    [InlineData(0xc8)]
    [InlineData(0x99)]
    [InlineData(0x83)]
    [InlineData(0x84)]
    [InlineData(0x87)]
    [InlineData(0x8b)]
    [InlineData(0x8f)]
    [InlineData(0x03)]
    [InlineData(0x0b)]
    [InlineData(0x08)]
    [InlineData(0x09)]
    [InlineData(0x0a)]
    public async Task Reserved_bits_unknown_opcodes_and_fragmented_control_frames_are_refused_behind_what_came_before(int first)
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x81, "4a"), FrameLine.Frame(first, ""), FrameLine.Frame(0x81, "4b"));

        Assert.Equal(["t:4a", Broken], await line.ReadAsync());
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x80)]
    public async Task A_continuation_of_nothing_is_refused(int first)
    {
        foreach (var before in new byte[][] { [], FrameLine.Frame(0x81, "4a"), [.. FrameLine.Frame(0x01, "4"), .. FrameLine.Frame(0x80, "a")] })
        {
            using var line = new FrameLine();
            line.Send(before, FrameLine.Frame(first, "b"));

            Assert.Equal(Broken, (await line.ReadAsync())[^1]);
        }
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x81)]
    [InlineData(0x02)]
    [InlineData(0x82)]
    public async Task A_message_in_the_middle_of_another_is_refused(int first)
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x01, "4a"), FrameLine.Frame(first, "4b"), FrameLine.Frame(0x80, "4c"));

        Assert.Equal([Broken], await line.ReadAsync());
    }

    [Theory]
    [InlineData(0x81)]
    [InlineData(0x88)]
    [InlineData(0x89)]
    public async Task A_frame_without_a_mask_is_refused(byte first)
    {
        using var line = new FrameLine();

        line.Send([first, 2, (byte)'4', (byte)'a']);

        Assert.Equal([Broken], await line.ReadAsync());
    }

    [Theory]
    [InlineData(0x88)]
    [InlineData(0x89)]
    [InlineData(0x8a)]
    public async Task A_control_frame_that_is_too_long_is_refused_by_its_second_byte(byte first)
    {
        using var line = new FrameLine();

        line.Send([first, 0x80 | 126]);

        Assert.Equal([Broken], await line.ReadAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(1100)]
    [InlineData(2000)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public async Task A_close_status_that_may_not_be_sent_is_refused(int status)
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x88, [(byte)(status >> 8), (byte)status, (byte)'x']));

        Assert.Equal([Broken], await line.ReadAsync());
    }

    [Fact]
    public async Task All_other_close_statuses_are_taken()
    {
        for (var status = 1000; status < 5000; status++)
        {
            var isAllowed = status is <= 1003 or (>= 1007 and <= 1014) or >= 3000;
            using var line = new FrameLine();
            line.Send(FrameLine.Frame(0x88, [(byte)(status >> 8), (byte)status]));

            Assert.Equal([isAllowed ? "closed" : Broken], await line.ReadAsync());
        }
    }

    [Fact]
    public async Task Half_a_close_status_is_refused()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x88, [3]));

        Assert.Equal([Broken], await line.ReadAsync());
    }

    [Fact]
    public async Task A_close_reason_that_is_not_text_is_refused()
    {
        using var line = new FrameLine();

        line.Send(FrameLine.Frame(0x88, [3, 0xe8, 0xc3, 0x28]));

        Assert.Equal([NotText], await line.ReadAsync());
    }

    [Theory]
    [InlineData("34C328")] // a second byte that is none
    [InlineData("34C3")] // a character that ends too early
    [InlineData("34E282")]
    [InlineData("34F09F98")]
    [InlineData("3480")] // a second byte without a first
    [InlineData("34C080")] // longer than need be
    [InlineData("34E08080")]
    [InlineData("34EDA080")] // half of a surrogate pair
    [InlineData("34F4908080")] // beyond Unicode
    [InlineData("34FE")]
    [InlineData("34CEBAE1BDB9CF83CEBCCEB5EDA080656469746564")]
    public async Task Text_that_is_not_UTF8_is_refused_however_it_is_cut(string hex)
    {
        var text = Convert.FromHexString(hex);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            using var line = new FrameLine();
            line.Send(FrameLine.Frame(0x01, text.AsSpan(0, cut)), FrameLine.Frame(0x89, "ping"), FrameLine.Frame(0x80, text.AsSpan(cut)), FrameLine.Frame(0x81, "4b"));

            Assert.Equal([NotText], await line.ReadAsync());
        }

        using var whole = new FrameLine();
        whole.Send(FrameLine.Frame(0x81, text));
        Assert.Equal([NotText], await whole.ReadAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(5000)]
    [InlineData(70_000)]
    public async Task A_message_at_the_limit_passes_and_one_byte_more_is_refused_by_the_head_alone(int limit)
    {
        using var line = new FrameLine(maxMessage: limit);

        line.Send(FrameLine.Frame(0x81, new string('x', limit)), FrameLine.Head(0x81, limit + 1));

        Assert.Equal(["t:" + new string('x', limit), TooLarge], await line.ReadAsync());
    }

    [Theory]
    [InlineData(1L << 31)]
    [InlineData(1L << 32)]
    [InlineData(long.MaxValue)]
    public async Task Lengths_beyond_all_measure_are_refused_by_the_head_alone(long length)
    {
        using var line = new FrameLine(maxMessage: int.MaxValue);

        line.Send(FrameLine.Head(0x82, length));

        Assert.Equal([TooLarge], await line.ReadAsync());
    }

    [Fact]
    public async Task The_fragments_of_a_message_count_together()
    {
        using var line = new FrameLine(maxMessage: 100);

        line.Send(FrameLine.Frame(0x01, new string('x', 60)), FrameLine.Frame(0x80, new string('y', 40)), FrameLine.Frame(0x01, new string('x', 60)), FrameLine.Head(0x00, 41));

        Assert.Equal(["t:" + new string('x', 60) + new string('y', 40), TooLarge], await line.ReadAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task A_message_in_more_pieces_than_it_can_need_is_refused(string piece)
    {
        using var line = new FrameLine();
        var allowed = 1024 + (1024 * piece.Length / 64);

        line.Send([.. Enumerable.Range(1, allowed).Select(i => FrameLine.Frame(i == 1 ? 0x01 : i == allowed ? 0x80 : 0x00, piece))]);
        Assert.Equal(["t:" + string.Concat(Enumerable.Repeat(piece, allowed)), "waits"], await line.ReadAsync());

        line.Send([.. Enumerable.Range(1, 2000).Select(i => FrameLine.Frame(i == 1 ? 0x01 : 0x00, piece))]);
        Assert.Equal([TooManyPieces], await line.ReadAsync());
    }

    [Fact]
    public async Task A_large_message_may_come_in_many_pieces()
    {
        using var line = new FrameLine();
        var piece = new string('x', 64);

        line.Send([.. Enumerable.Range(1, 15_000).Select(i => FrameLine.Frame(i == 1 ? 0x01 : i == 15_000 ? 0x80 : 0x00, piece))]);

        Assert.Equal(["t:" + new string('x', 64 * 15_000), "waits"], await line.ReadAsync());
    }

    [Theory]
    [InlineData("too large")]
    [InlineData("too many pieces")]
    [InlineData("not text")]
    [InlineData("close reason")]
    public async Task After_a_fault_that_leaves_frames_whole_the_clients_close_frame_is_found(string fault)
    {
        using var line = new FrameLine(maxMessage: 5000);
        var large = FrameLine.Frame(0x81, new string('x', 200_000));
        line.Send(fault switch
        {
            "too large" => large[..1000],
            "too many pieces" => [.. Enumerable.Range(1, 2000).SelectMany(i => FrameLine.Frame(i == 1 ? 0x01 : 0x00, ""))],
            "not text" => FrameLine.Frame(0x81, [0xff]),
            _ => FrameLine.Frame(0x88, [3, 0xe8, 0xff]),
        });
        Assert.Equal(fault switch { "too large" => TooLarge, "too many pieces" => TooManyPieces, _ => NotText }, Assert.Single(await line.ReadAsync()));

        var skipping = line.Channel.SkipToCloseAsync().AsTask();
        Assert.False(skipping.IsCompleted);
        line.Send(
            fault == "too large" ? large[1000..] : fault == "too many pieces" ? FrameLine.Frame(0x80, "") : [],
            FrameLine.Frame(0x81, new string('y', 100_000)), FrameLine.Frame(0x01, [0xff]), FrameLine.Frame(0x89, ""), FrameLine.Frame(0x80, [0xff]), FrameLine.Frame(0x88, ""));

        await skipping.Within();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Skipping_ends_with_what_is_no_frame_and_with_the_connection(bool connection)
    {
        using var line = new FrameLine(maxMessage: 10);
        line.Send(FrameLine.Head(0x81, 100));
        Assert.Equal([TooLarge], await line.ReadAsync());

        var skipping = line.Channel.SkipToCloseAsync().AsTask();
        if (connection)
        {
            line.End();
            await Assert.ThrowsAsync<IOException>(() => skipping.Within());
        }
        else
        {
            line.Send(Encoding.ASCII.GetBytes(new string('x', 100)), [0xff, 0xff]);
            await Assert.ThrowsAsync<WebSocketFault>(() => skipping.Within());
        }
    }
}
