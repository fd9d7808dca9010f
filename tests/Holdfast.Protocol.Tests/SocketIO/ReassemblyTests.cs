namespace Holdfast.Protocol.Tests.SocketIO;

public sealed class ReassemblyTests
{
    private readonly PacketDecoder _decoder = Wire.Decoder(maxBytes: 100);

    [Fact]
    public void A_packet_is_handed_out_with_its_last_attachment()
    {
        Assert.False(Text("""52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"""));
        Assert.False(Binary(1));
        Assert.True(Binary(2));
        Assert.True(Text("2[\"next\"]"));
    }

    [Fact]
    public void Binary_that_nobody_waits_for_is_refused()
    {
        Assert.Throws<ProtocolException>(() => Binary(1));
        Assert.True(Text("2[\"x\"]"));
        Assert.Throws<ProtocolException>(() => Binary(1));
    }

    [Fact]
    public void Binary_after_a_refused_packet_of_zero_attachments_is_not_collected()
    {
        Assert.Throws<ProtocolException>(() => Text("50-[\"x\"]"));
        Assert.Throws<ProtocolException>(() => Binary(1));
    }

    [Theory]
    [InlineData("2[\"x\"]")]
    [InlineData("0")]
    [InlineData("""51-["x",{"_placeholder":true,"num":0}]""")]
    public void Text_between_attachments_is_refused(string text)
    {
        Assert.False(Text("52-[\"x\"]"));
        Assert.False(Binary(1));
        Assert.Throws<ProtocolException>(() => Text(text));
    }

    [Fact]
    public void A_packet_has_a_limit_in_bytes_that_counts_all_its_parts()
    {
        Assert.False(Text("53-[\"x\"]")); // 8 bytes
        Assert.False(Binary(new byte[91]));
        Assert.False(Binary(1));
        Assert.Throws<ProtocolException>(() => Binary(2));
    }

    [Fact]
    public void The_next_packet_has_the_whole_limit_again()
    {
        for (var round = 0; round < 5; round++)
        {
            Assert.False(Text("51-[\"x\"]"));
            Assert.True(Binary(new byte[80]));
        }
    }

    [Fact]
    public void Attachments_that_no_placeholder_names_are_dropped()
    {
        Assert.False(Text("51-[\"x\"]"));
        Assert.True(_decoder.TryRead(new byte[] { 1 }, isBinary: true, out var packet));
        Assert.Empty(packet.Arguments);
    }

    [Fact]
    public void Waiting_does_not_keep_the_large_body_that_a_part_came_in()
    {
        var body = new byte[1_000_000];
        var decoder = Wire.Decoder();
        var text = Wire.Bytes("""52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""");
        text.CopyTo(body, 0);

        decoder.TryRead(body.AsMemory(0, text.Length), isBinary: false, out _);
        decoder.TryRead(body.AsMemory(500, 3), isBinary: true, out _);
        decoder.TryRead(new byte[] { 7 }, isBinary: true, out var packet);

        Assert.False(body.AsSpan().Overlaps(packet.Arguments.Get<ReadOnlyMemory<byte>>(0).Span));
        Assert.False(body.AsSpan().Overlaps(packet.Arguments[0].Value.Span));
    }

    private bool Text(string text) => _decoder.TryRead(Wire.Bytes(text), isBinary: false, out _);

    private bool Binary(params byte[] bytes) => _decoder.TryRead(bytes, isBinary: true, out _);
}
