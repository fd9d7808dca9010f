namespace Holdfast.Protocol.Tests.EngineIO;

public sealed class EnginePacketTests
{
    [Theory]
    [InlineData("0{}", EnginePacketType.Open, "{}")]
    [InlineData("1", EnginePacketType.Close, "")]
    [InlineData("2", EnginePacketType.Ping, "")]
    [InlineData("2probe", EnginePacketType.Ping, "probe")]
    [InlineData("3probe", EnginePacketType.Pong, "probe")]
    [InlineData("4", EnginePacketType.Message, "")]
    [InlineData("42[\"é\"]", EnginePacketType.Message, "2[\"é\"]")]
    [InlineData("5", EnginePacketType.Upgrade, "")]
    [InlineData("6", EnginePacketType.Noop, "")]
    internal void A_text_frame_is_a_digit_and_its_data(string frame, EnginePacketType type, string data)
    {
        var packet = EnginePacket.ReadText(Wire.Bytes(frame));

        Assert.Equal((type, false, data), (packet.Type, packet.IsBinary, Wire.Text(packet.Data)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("b")]
    [InlineData("hello")]
    [InlineData("\u001e")]
    [InlineData("é")]
    public void A_text_frame_without_a_type_is_refused(string frame) =>
        Assert.Throws<ProtocolException>(() => EnginePacket.ReadText(Wire.Bytes(frame)));

    [Fact]
    public void A_binary_frame_is_a_message_as_it_is()
    {
        var packet = EnginePacket.Binary(new byte[] { 4, 0 });

        Assert.Equal((EnginePacketType.Message, true, "04 00"), (packet.Type, packet.IsBinary, Wire.Hex(packet.Data)));
    }

    [Fact]
    public void The_open_packet_has_five_keys_in_their_order()
    {
        var packet = ControlPackets.Open("lv_VI97HAXpY6yYWAAAC", ["websocket"], TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(20), 1_000_000);

        Assert.Equal(
            """0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}""",
            Wire.Show(packet));
    }

    [Fact]
    public void The_open_packet_without_upgrades_says_so_with_an_empty_array()
    {
        var packet = ControlPackets.Open("s", [], TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200.9), 5);

        Assert.Equal("""0{"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":5}""", Wire.Show(packet));
    }

    [Fact]
    public void Control_packets_are_their_digits()
    {
        EncodedPacket[] packets =
        [
            ControlPackets.Close, ControlPackets.Ping, ControlPackets.Pong, ControlPackets.PongProbe, ControlPackets.Upgrade, ControlPackets.Noop,
        ];

        Assert.Equal(["1", "2", "3", "3probe", "5", "6"], packets.Select(Wire.Show));
        Assert.Equal(6, ControlPackets.PongProbe.Size);
    }
}
