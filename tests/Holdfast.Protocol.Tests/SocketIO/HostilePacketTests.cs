namespace Holdfast.Protocol.Tests.SocketIO;

/// <summary>What a peer may send to break a parser. Every one of these ends the connection that it came from, and nothing else.</summary>
public sealed class HostilePacketTests
{
    public static TheoryData<string> Unreadable =>
    [
        // no packet type
        "", "7", "9[]", "a", "woooot", "-1", " 2[\"x\"]", "[\"x\"]", "\u001e", "é",
        // no JSON, or something behind it
        "2", "2[", "2[\"x\"", "2[\"x\",]", "2[\"x\"]]", "2[\"x\"] 1", "2[\"x\"]\0", "2['x']", "2[\"x\",NaN]", "2[\"x\",01]", "2[\"x\",undefined]",
        "2[\"x\"/**/]", "2[\"x\",\"\u0001\"]", "2[\"x\",\"\\x\"]", "2[\"x\",{\"a\"}]", "2[\"x\",{a:1}]", "2[\"x\"],[\"y\"]", "2\ufeff[\"x\"]",
        // the wrong shape
        "2{}", "2null", "2\"x\"", "2[]", "2[null]", "2[{}]", "2[[\"x\"]]", "2[true]", "2[{\"toString\":\"x\"}]", "2{\"0\":\"x\",\"length\":1}",
        "213", "3", "3[]", "313", "313{}", "313null", "313\"x\"", "3/chat,[]",
        "0[]", "0null", "0\"x\"", "0true", "07", "0/chat,[]", "0{", "0{}{}", "0{}x",
        "1{}", "1null", "1/chat,{}", "1[]", "113",
        "4", "4[]", "4null", "413", "4true", "4/chat", "4{},",
        // names that only the library raises
        "2[\"connect\"]", "2[\"connect_error\"]", "2[\"disconnect\"]", "2[\"disconnecting\"]", "2[\"newListener\"]", "2[\"removeListener\"]",
        "2[\"\\u0063onnect\"]", "2/chat,7[\"disconnect\",1]",
        // half a character in a name
        "2[\"\\ud800\"]", "2[\"\\ude00x\"]",
        // ack ids
        "2-1[\"x\"]", "21.5[\"x\"]", "21e3[\"x\"]", "20x10[\"x\"]", "2abc[\"x\"]", "29007199254740992[\"x\"]", "299999999999999999999999[\"x\"]",
        "200000000000000001[\"x\"]", "2+1[\"x\"]",
        // namespaces
        "0/a\u001eb,", "0/a\nb", "2/chat[\"x\"]", "2/chat;[\"x\"]",
        // attachments
        "5", "5[\"x\"]", "5-[\"x\"]", "50-[\"x\"]", "600-[]", "60-8[]", "501-[\"x\"]", "511-[\"x\"]", "5-1-[\"x\"]", "51.0-[\"x\"]", "5 1-[\"x\"]",
        "51e0-[\"x\"]", "5+1-[\"x\"]", "51000000000-[\"x\"]", "54294967297-[\"x\"]", "518446744073709551617-[\"x\"]",
        "599999999999999999999999999-[\"x\"]", "51[\"x\"]-", "51-", "51-[]", "51-{}", "61-[]", "51-[\"connect\"]", "2-[\"x\"]", "21-[\"x\"]",
        // placeholders that point nowhere
        Binary("""{"_placeholder":true,"num":1}"""), Binary("""{"_placeholder":true,"num":-1}"""), Binary("""{"_placeholder":true,"num":"0"}"""),
        Binary("""{"_placeholder":true,"num":0.5}"""), Binary("""{"_placeholder":true,"num":1e300}"""), Binary("""{"_placeholder":true,"num":null}"""),
        Binary("""{"_placeholder":true,"num":9999999999}"""), Binary("""{"_placeholder":true,"num":[0]}"""), Binary("""{"_placeholder":true}"""),
        Binary("""{"_placeholder":true,"num":"splice"}"""), Binary("""{"_placeholder":true,"num":{"_placeholder":true,"num":0}}"""),
        Binary("""{"_placeholder":true,"num":0,"extra":1}"""), Binary("""{"extra":1,"_placeholder":true,"num":0}"""),
        Binary("""{"_placeholder":true,"num":0,"num":0}"""), Binary("""{"_placeholder":true,"_placeholder":true,"num":0}"""),
        Binary("""{"num":0,"num":5,"_placeholder":true}"""), Binary("""{"\u005fplaceholder":true,"num":7}"""),
        Binary("""{"a":[{"b":{"_placeholder":true,"num":3}}]}"""),
        // one attachment in two places: a short packet could ask for the same megabyte again and again
        Binary("""{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}"""),
    ];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void It_is_refused(string text) => Wire.Refuse(text);

    [Theory]
    [InlineData("50-[\"x\"]", "Illegal attachments")]
    [InlineData("501-[\"x\"]", "Illegal attachments")]
    [InlineData("5[\"x\"]", "Illegal attachments")]
    [InlineData("511-[\"x\"]", "too many attachments")]
    [InlineData("51000000000-[\"x\"]", "too many attachments")]
    [InlineData("""51-["x",{"_placeholder":true,"num":"0"}]""", "illegal attachments")]
    [InlineData("2[\"connect\"]", "reserved event name")]
    public void The_reason_is_named(string text, string reason) => Assert.Equal(reason, Wire.Refuse(text));

    [Theory]
    [InlineData("2[\"a-secret\"")]
    [InlineData("2{\"a-secret\":1}")]
    [InlineData("0/a-secret\n")]
    public void The_reason_repeats_nothing_of_what_was_sent(string text) =>
        Assert.DoesNotContain("secret", Wire.Refuse(text), StringComparison.Ordinal);

    [Fact]
    public void Ten_attachments_are_read_and_the_limit_can_be_another()
    {
        Assert.False(Wire.Decoder().TryRead(Wire.Bytes("510-[\"x\"]"), isBinary: false, out _));
        Assert.False(Wire.Decoder(maxAttachments: 50).TryRead(Wire.Bytes("550-[\"x\"]"), isBinary: false, out _));
        Assert.Throws<ProtocolException>(() => Wire.Decoder(maxAttachments: 2).TryRead(Wire.Bytes("53-[\"x\"]"), isBinary: false, out _));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(500_000, false)]
    public void Nesting_is_bounded(int depth, bool readable)
    {
        var text = $"2[\"x\",{new string('[', depth)}{new string(']', depth)}]";

        Assert.Equal(readable, TryRead(text));
        Assert.Equal(readable, TryRead($"2[\"x\",{string.Concat(Enumerable.Repeat("{\"a\":", depth))}1{new string('}', depth)}]"));
    }

    [Theory]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    public void The_length_of_a_namespace_is_bounded(int length, bool readable) => Assert.Equal(readable, TryRead($"0/{new string('n', length)}"));

    [Fact]
    public void Bytes_that_are_no_utf8_do_no_harm()
    {
        // Text arrives checked; a caller that forgets to check gets an exception of the protocol or an argument that can't be read.
        byte[] text = [.. "2[\"x\",\""u8, 0xFF, 0xC0, .. "\"]"u8];

        Assert.True(Wire.Decoder().TryRead(text, isBinary: false, out var packet));
        Assert.Throws<EventArgumentException>(() => packet.Arguments.Get<string>(0));
        byte[] name = [.. "2[\""u8, 0xFF, 0xC0, .. "\"]"u8];
        Assert.Throws<ProtocolException>(() => Wire.Decoder().TryRead(name, isBinary: false, out _));
    }

    private static string Binary(string argument) => $"51-[\"x\",{argument}]";

    private static bool TryRead(string text)
    {
        try
        {
            return Wire.Decoder().TryRead(Wire.Bytes(text), isBinary: false, out _);
        }
        catch (ProtocolException)
        {
            return false;
        }
    }
}
