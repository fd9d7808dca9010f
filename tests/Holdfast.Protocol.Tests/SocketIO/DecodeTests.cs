namespace Holdfast.Protocol.Tests.SocketIO;

public sealed class DecodeTests
{
    [Theory]
    [InlineData("0", "Connect / -1  [] null")]
    [InlineData("0{}", "Connect / -1  [] {}")]
    [InlineData("""0{"token":"t"}""", """Connect / -1  [] {"token":"t"}""")]
    [InlineData("0/random", "Connect /random -1  [] null")]
    [InlineData("0/random,", "Connect /random -1  [] null")]
    [InlineData("0/random?a=b,", "Connect /random?a=b -1  [] null")]
    [InlineData("""0/chat,{"a":[1,{"b":2}]}""", """Connect /chat -1  [] {"a":[1,{"b":2}]}""")]
    [InlineData("0/,", "Connect / -1  [] null")]
    [InlineData("1", "Disconnect / -1  [] null")]
    [InlineData("1/chat", "Disconnect /chat -1  [] null")]
    [InlineData("1/chat,", "Disconnect /chat -1  [] null")]
    [InlineData("""2["hello"]""", "Event / -1 hello [] null")]
    [InlineData("""2["hello",1]""", "Event / -1 hello [1] null")]
    [InlineData("""2["hello", { "a" : [ 1 ] } , null ]""", """Event / -1 hello [{ "a" : [ 1 ] }|null] null""")]
    [InlineData("""2/chat,17["hello",[]]""", "Event /chat 17 hello [[]] null")]
    [InlineData("""20["é"]""", "Event / 0 é [] null")]
    [InlineData("""2007["x"]""", "Event / 7 x [] null")]
    [InlineData("""29007199254740991["x"]""", "Event / 9007199254740991 x [] null")]
    [InlineData("""2["\u0061\ud83d\ude00"]""", "Event / -1 a😀 [] null")]
    [InlineData("""2[""]""", "Event / -1  [] null")]
    [InlineData("""2[42,"a"]""", "Event / -1 42 [\"a\"] null")]
    [InlineData("""2[-1.5e3]""", "Event / -1 -1.5e3 [] null")]
    [InlineData("""2["Connect"]""", "Event / -1 Connect [] null")]
    [InlineData("""2["message"]""", "Event / -1 message [] null")]
    [InlineData("""2["__proto__",{"__proto__":1}]""", """Event / -1 __proto__ [{"__proto__":1}] null""")]
    [InlineData("""2["x",{"_placeholder":true,"num":0}]""", """Event / -1 x [{"_placeholder":true,"num":0}] null""")]
    [InlineData("313[]", "Ack / 13  [] null")]
    [InlineData("""3/chat,13["a",{"b":1}]""", """Ack /chat 13  ["a"|{"b":1}] null""")]
    [InlineData("313[\"connect\"]", "Ack / 13  [\"connect\"] null")]
    [InlineData("""4{"message":"no"}""", """ConnectError / -1  [] {"message":"no"}""")]
    [InlineData("""4/chat,"no" """, """ConnectError /chat -1  [] "no" """)]
    public void A_valid_packet_is_read(string text, string expected) => Assert.Equal(expected, Show(Wire.Decode(text)));

    [Fact]
    public void A_binary_event_is_an_event_once_its_attachments_are_there()
    {
        var packet = Wire.Decode("""52-/chat,8["x",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]""", [1], [2]);

        Assert.Equal((PacketType.Event, "/chat", 8L, "x"), (packet.Type, packet.Namespace, packet.AckId, packet.EventName));
        Assert.Equal([2], packet.Arguments.Get<byte[]>(0));
        Assert.Equal([1], packet.Arguments.Get<byte[][]>(1)![0]);
    }

    [Fact]
    public void A_binary_ack_is_an_ack_once_its_attachments_are_there()
    {
        var packet = Wire.Decode("""61-8[{"_placeholder":true,"num":0}]""", [1]);

        Assert.Equal((PacketType.Ack, 8L), (packet.Type, packet.AckId));
        Assert.Equal([1], packet.Arguments.Get<byte[]>(0));
    }

    [Fact]
    public void A_decoder_reads_one_packet_after_the_other()
    {
        var decoder = Wire.Decoder();
        string[] read =
        [
            .. new[] { "0", "2[\"a\",1]", "2/chat,[\"a\",2]", "2/chat,[\"b\"]", "2/other,[\"a\"]", "2[\"a\"]", "1/chat," }.Select(text =>
            {
                Assert.True(decoder.TryRead(Wire.Bytes(text), isBinary: false, out var packet));
                return $"{packet.Type} {packet.Namespace} {packet.EventName} {packet.Arguments.Count}";
            }),
        ];

        Assert.Equal(
            ["Connect /  0", "Event / a 1", "Event /chat a 1", "Event /chat b 0", "Event /other a 0", "Event / a 0", "Disconnect /chat  0"], read);
    }

    [Fact]
    public void Names_that_come_again_are_the_same_string()
    {
        var decoder = Wire.Decoder();
        decoder.TryRead(Wire.Bytes("2/chat,[\"tick\"]"), isBinary: false, out var first);
        decoder.TryRead(Wire.Bytes("2/chat,[\"tick\"]"), isBinary: false, out var second);

        Assert.Same(first.Namespace, second.Namespace);
        Assert.Same(first.EventName, second.EventName);
    }

    [Fact]
    public void Arguments_are_slices_of_the_message()
    {
        var message = Wire.Bytes("2[\"x\",\"some text\"]");

        Wire.Decoder().TryRead(message, isBinary: false, out var packet);

        Assert.True(message.AsSpan().Overlaps(packet.Arguments[0].Value.Span));
    }

    [Fact]
    public void What_is_encoded_is_decoded()
    {
        var sent = Wire.Parser.EncodeEvent("/größe", 1L << 41, "é😀\"", ["a\nb", 1.5, new { B = new byte[] { 1 } }], "1.7");

        var packet = Wire.Decode(Wire.Text(sent.Text)[1..], [.. sent.Attachments.Select(a => a.ToArray())]);

        Assert.Equal(("/größe", 1L << 41, "é😀\""), (packet.Namespace, packet.AckId, packet.EventName));
        Assert.Equal(("a\nb", 1.5, "1.7"), (packet.Arguments.Get<string>(0), packet.Arguments.Get<double>(1), packet.Arguments.Get<string>(3)));
        Assert.Equal([1], packet.Arguments.Get<Dictionary<string, byte[]>>(2)!["b"]);
    }

    private static string Show(Packet packet) =>
        $"{packet.Type} {packet.Namespace} {packet.AckId} {packet.EventName} [{string.Join('|', packet.Arguments)}] {packet.Payload}";
}
