namespace Holdfast.Protocol.Tests.SocketIO;

/// <summary>What clients of Engine.IO 3 get in another form.</summary>
public sealed class OlderClientTests
{
    [Theory]
    [InlineData(new object?[] { }, "42[\"x\"]")]
    [InlineData(new object?[] { 1, "a\"b", null }, "42[\"x\",1,\"a\\\"b\",null]")]
    [InlineData(new object?[] { "epoch.0000000001" }, "42[\"x\",\"epoch.0000000001\"]")]
    public void An_event_is_cut_to_what_it_is_without_its_offset(object?[] arguments, string bare)
    {
        var packet = Wire.Parser.EncodeEvent("/", Packet.NoAck, "x", arguments, "Ab_-1234.000000000z");
        var whole = Wire.Show(packet);

        Assert.Equal(bare, Wire.Show(Wire.Parser.WithoutOffset(packet)));
        Assert.Equal(bare[..^1] + ",\"Ab_-1234.000000000z\"]", whole);
        Assert.Equal(whole, Wire.Show(packet));
    }

    [Fact]
    public void Attachments_and_what_is_said_about_compression_stay()
    {
        var packet = Wire.Parser.EncodeEvent("/chat", Packet.NoAck, "x", [new byte[] { 1, 2 }], "epoch.0000000001");
        packet.Compress = false;

        var bare = Wire.Parser.WithoutOffset(packet);

        Assert.Equal("451-/chat,[\"x\",{\"_placeholder\":true,\"num\":0}] <01 02>", Wire.Show(bare));
        Assert.Equal(bare.Text.Length + 2, bare.Size);
        Assert.False(bare.Compress);
    }

    [Fact]
    public void An_error_is_the_value_alone()
    {
        Assert.Equal("44\"no entry\"", Wire.Show(Wire.Parser.EncodeOlderConnectError("/", "no entry", null)));
        Assert.Equal("44/chat,{\"code\":7}", Wire.Show(Wire.Parser.EncodeOlderConnectError("/chat", "no entry", new { Code = 7 })));
        Assert.Equal("40/chat,", Wire.Show(Wire.Parser.EncodeConnectRequest("/chat", null)));
    }
}
