using Holdfast.Engine;

namespace Holdfast.Server.Tests.Engine;

/// <summary>RFC 6455, section 5.2, bit by bit.</summary>
public class FrameHeaderTests
{
    [Theory]
    [InlineData(0, 0, "8180")]
    [InlineData(125, 0, "81FD")]
    [InlineData(126, 2, "81FE007E")]
    [InlineData(127, 2, "81FE007F")]
    [InlineData(65535, 2, "81FEFFFF")]
    [InlineData(65536, 8, "81FF0000000000010000")]
    [InlineData(long.MaxValue, 8, "81FF7FFFFFFFFFFFFFFF")]
    public void The_length_is_in_one_three_or_nine_bytes(long length, int lengthBytes, string head)
    {
        var bytes = Convert.FromHexString(head + "1A2B3C4D");
        Assert.Equal(bytes, FrameLine.Head(0x81, length, lengthBytes)); // what the other tests send

        Assert.True(FrameHeader.TryRead(bytes, out var header));

        Assert.Equal((FrameType.Text, true, false, length, 0x4d3c2b1au, bytes.Length), (header.Type, header.IsLast, header.IsControl, header.Length, header.Mask, header.Size));
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            Assert.False(FrameHeader.TryRead(bytes.AsSpan(0, cut), out _));
        }
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(5, 8)]
    [InlineData(0, 2)]
    [InlineData(65535, 8)]
    public void A_length_in_more_bytes_than_it_needs_is_read_as_what_it_says(long length, int lengthBytes)
    {
        Assert.True(FrameHeader.TryRead(FrameLine.Head(0x82, length, lengthBytes), out var header));

        Assert.Equal((FrameType.Binary, length, 6 + lengthBytes), (header.Type, header.Length, header.Size));
    }

    [Theory]
    [InlineData("81FF8000000000000000")]
    [InlineData("81FFFFFFFFFFFFFFFFFF")]
    public void A_length_with_the_top_bit_is_refused(string head) =>
        Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(Convert.FromHexString(head + "00000000"), out _));

    [Fact]
    public void All_first_bytes_are_either_known_or_refused_before_anything_else_has_come()
    {
        for (var first = 0; first < 256; first++)
        {
            var opcode = first & 0xf;
            var isLast = first >= 0x80;
            var isKnown = (first & 0x70) == 0 && (opcode is 0 or 1 or 2 || (opcode is 8 or 9 or 10 && isLast));
            byte[] begun = [(byte)first, 0x80];
            if (!isKnown)
            {
                var fault = Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(begun, out _));
                Assert.Equal((1002, "invalid WebSocket frame"), ((int)fault.Status, fault.Message));
                continue;
            }

            Assert.False(FrameHeader.TryRead(begun, out _));
            Assert.True(FrameHeader.TryRead(FrameLine.Head(first, 0), out var header));
            Assert.Equal(((FrameType)opcode, isLast, opcode >= 8), (header.Type, header.IsLast, header.IsControl));
        }
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x81)]
    [InlineData(0x82)]
    [InlineData(0x00)]
    [InlineData(0x88)]
    [InlineData(0x89)]
    [InlineData(0x8a)]
    public void Frames_without_a_mask_are_refused(byte first)
    {
        foreach (var length in new byte[] { 0, 1, 125, 126, 127 })
        {
            byte[] begun = [first, length];
            Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(begun, out _));
        }
    }

    [Theory]
    [InlineData(0x88)]
    [InlineData(0x89)]
    [InlineData(0x8a)]
    public void A_control_frame_has_at_most_125_bytes(int first)
    {
        Assert.True(FrameHeader.TryRead(FrameLine.Head(first, 125), out _));
        Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(FrameLine.Head(first, 126), out _));
        Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(FrameLine.Head(first, 5, lengthBytes: 2), out _));
        Assert.Throws<WebSocketFault>(() => FrameHeader.TryRead(FrameLine.Head(first, 65536), out _));
    }

    [Theory]
    [InlineData(0, "8200")]
    [InlineData(1, "8201")]
    [InlineData(125, "827D")]
    [InlineData(126, "827E007E")]
    [InlineData(65535, "827EFFFF")]
    [InlineData(65536, "827F0000000000010000")]
    [InlineData(int.MaxValue, "827F000000007FFFFFFF")]
    public void What_the_server_writes_has_the_shortest_length_and_no_mask(int length, string head)
    {
        var bytes = new byte[FrameHeader.MaxSize];

        var size = FrameHeader.Write(bytes, FrameType.Binary, length);

        Assert.Equal(head, Convert.ToHexString(bytes, 0, size));
        Assert.All(bytes[size..], rest => Assert.Equal(0, rest));
    }
}
