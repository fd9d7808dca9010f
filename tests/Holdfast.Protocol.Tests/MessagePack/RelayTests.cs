namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>Arguments that are passed on without being read: to the same format, inside of other values, and to the other format.</summary>
public sealed class RelayTests
{
    [Theory]
    [InlineData("d7000000018bcfe56800")]
    [InlineData("82 01 d40000 'b' c403010203")]
    [InlineData("ca3dcccccd")]
    [InlineData("dc0002 cd0001 d50501 02")]
    [InlineData("cb7ff8000000000000")]
    [InlineData("92 c40107 82 '_placeholder' c3 'num' 00")]
    public void What_passes_through_keeps_its_bytes(string notation)
    {
        Assert.Equal(Pack.EventOf(notation), Pack.Event(Pack.Argument(notation)));
        Assert.Equal(Pack.EventOf("91 " + notation), Pack.Event(new List<EventArgument> { Pack.Argument(notation) }));
        Assert.Equal(
            Pack.EventOf($"83 'a' c40109 'b' {notation} 'c' c40108"),
            Pack.Event(new { A = new byte[] { 9 }, B = Pack.Argument(notation), C = new byte[] { 8 } }));
        Assert.Equal(Pack.EventOf($"92 {notation} {notation}"), Pack.Event(new[] { Pack.Argument(notation), Pack.Argument(notation) }));
    }

    [Fact]
    public void All_arguments_can_be_passed_on_at_once()
    {
        var message = Pack.Bytes("83 'type' 02 'nsp' '/' 'data' 94 'x' 01 c0 d40000");
        Assert.Equal(message, Pack.Event(Pack.Decode(message).Arguments.ToArray()));
        Assert.Equal(Pack.EventOf("93 01 c0 d40000"), Pack.Event(Pack.Decode(message).Arguments));
    }

    [Fact]
    public void An_argument_from_inside_of_an_object_can_be_passed_on()
    {
        var parts = Pack.Argument("82 'a' c403010203 'b' 92 c0 c40107").Get<Dictionary<string, EventArgument>>()!;
        Assert.Equal(Pack.EventOf("c403010203"), Pack.Event(parts["a"]));
        Assert.Equal(Pack.EventOf("92 92 c0 c40107 c403010203"), Pack.Event(new[] { parts["b"], parts["a"] }));
        Assert.Equal([7], parts["b"].Get<EventArgument[]>()![1].Get<byte[]>()!);
    }

    [Fact]
    public void A_message_pack_argument_becomes_json_for_json_clients()
    {
        var argument = Pack.Argument("84 'at' d7000000018bcfe56800 'bytes' c403010203 'n' cb3ff8000000000000 'u' d40000");
        const string Json = """{"at":"2023-11-14T22:13:20.000Z","bytes":{"_placeholder":true,"num":0},"n":1.5}""";
        Assert.Equal($"451-[\"x\",{Json}] <01 02 03>", Wire.Event(argument));
        Assert.Equal(
            $"452-[\"x\",[{{\"_placeholder\":true,\"num\":0}},{Json.Replace("num\":0", "num\":1", StringComparison.Ordinal)}]] <09> <01 02 03>",
            Wire.Event(new List<object> { new byte[] { 9 }, argument }));
        Assert.Throws<ArgumentException>(() => Wire.Event(Pack.Argument("92 c40107 82 '_placeholder' c3 'num' 00")));
    }

    [Fact]
    public void A_json_argument_becomes_message_pack_for_message_pack_clients()
    {
        var argument = Wire.Argument("""{"a":"\u00e9","bytes":{"_placeholder":true,"num":0},"n":[1.50,1e3]}""", [1, 2]);
        Assert.Equal(Pack.EventOf("83 'a' 'é' 'bytes' c4020102 'n' 92 cb3ff8000000000000 cd03e8"), Pack.Event(argument));
        Assert.Equal(Pack.EventOf("92 c40109 83 'a' 'é' 'bytes' c4020102 'n' 92 cb3ff8000000000000 cd03e8"), Pack.Event(new List<object> { new byte[] { 9 }, argument }));
        Assert.Equal(Pack.EventOf("c0"), Pack.Event(default(EventArgument)));
        Assert.Throws<ArgumentException>(() => Pack.Event(Wire.Argument("\"\\ud800\"")));
    }
}
