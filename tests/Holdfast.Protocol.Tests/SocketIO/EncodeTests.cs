using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holdfast.Protocol.Tests.SocketIO;

public sealed class EncodeTests
{
    private static readonly JsonPacketParser Parser = Wire.Parser;

    public static TheoryData<string, object?[]> Values => new()
    {
        { """42["x"]""", [] },
        { """42["x",null]""", [null] },
        { """42["x",1,"a",true,1.5]""", [1, "a", true, 1.5] },
        { """42["x",9007199254740993,18446744073709551615]""", [9007199254740993L, ulong.MaxValue] },
        { """42["x",0.1]""", [0.1m] },
        { """42["x",["a","b"]]""", [new[] { "a", "b" }] },
        { """42["x",{"name":"Zoë","nested":{"count":2}}]""", [new { Name = "Zoë", Nested = new { Count = 2 } }] },
        { """42["x",{"Key":1}]""", [new Dictionary<string, int> { ["Key"] = 1 }] },
        { """42["x","2023-11-14T22:13:20Z"]""", [new DateTime(2023, 11, 14, 22, 13, 20, DateTimeKind.Utc)] },
        { """42["x",1]""", [DayOfWeek.Monday] },
        { """42["x",{"b":[1,{"c":null}],"a":2}]""", [JsonNode.Parse("""{ "b": [1, {"c": null}], "a": 2 }""")] },
        { """42["x",{"b":1,"a":"é"}]""", [JsonDocument.Parse("""{"b":1,"a":"\u00e9"}""").RootElement] },
        { """42["x",[1,"a",null]]""", [new object?[] { 1, "a", null }] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Arguments_become_compact_json(string expected, object?[] args) => Assert.Equal(expected, Wire.Event(args));

    [Fact]
    public void The_namespace_and_the_ack_id_stand_before_the_json()
    {
        Assert.Equal("""42/chat,["x"]""", Wire.Show(Parser.EncodeEvent("/chat", -1, "x", [])));
        Assert.Equal("""420["x"]""", Wire.Show(Parser.EncodeEvent("/", 0, "x", [])));
        Assert.Equal("""42/chat,17["x",1]""", Wire.Show(Parser.EncodeEvent("/chat", 17, "x", [1])));
        Assert.Equal("""42/größe,1099511627776["x"]""", Wire.Show(Parser.EncodeEvent("/größe", 1L << 40, "x", [])));
        Assert.Equal("""451-/chat,17["x",{"_placeholder":true,"num":0}] <01>""", Wire.Show(Parser.EncodeEvent("/chat", 17, "x", [new byte[] { 1 }])));
    }

    [Fact]
    public void The_offset_is_the_last_argument()
    {
        Assert.Equal("""42["x","1.7"]""", Wire.Show(Parser.EncodeEvent("/", -1, "x", [], "1.7")));
        Assert.Equal("""42["x",1,null,"1.8"]""", Wire.Show(Parser.EncodeEvent("/", -1, "x", [1, null], "1.8")));
        Assert.Equal(
            """451-["x",{"_placeholder":true,"num":0},"1.9"] <01 02>""",
            Wire.Show(Parser.EncodeEvent("/", -1, "x", [new byte[] { 1, 2 }], "1.9")));
    }

    [Fact]
    public void An_ack_carries_its_id_and_an_array()
    {
        Assert.Equal("4317[]", Wire.Show(Parser.EncodeAck("/", 17, [])));
        Assert.Equal("""43/chat,17["x",{"k":[null,2]}]""", Wire.Show(Parser.EncodeAck("/chat", 17, ["x", new { k = new int?[] { null, 2 } }])));
        Assert.Equal("""461-8[{"_placeholder":true,"num":0}] <ff>""", Wire.Show(Parser.EncodeAck("/", 8, [new byte[] { 0xFF }])));
    }

    [Fact]
    public void The_answer_to_connect_has_the_sid_and_nothing_else_without_recovery()
    {
        Assert.Equal("""40{"sid":"abc"}""", Wire.Show(Parser.EncodeConnect("/", "abc", null)));
        Assert.Equal("""40/custom,{"sid":"abc","pid":"def"}""", Wire.Show(Parser.EncodeConnect("/custom", "abc", "def")));
    }

    [Fact]
    public void A_refused_connect_has_a_message_and_data_if_there_is_any()
    {
        Assert.Equal("""44/x,{"message":"Invalid namespace"}""", Wire.Show(Parser.EncodeConnectError("/x", "Invalid namespace", null)));
        Assert.Equal(
            """44{"message":"no \"entry\" <here>","data":{"code":7}}""",
            Wire.Show(Parser.EncodeConnectError("/", "no \"entry\" <here>", new { Code = 7 })));
    }

    [Fact]
    public void Packets_that_have_no_attachments_carry_binary_as_base64()
    {
        var received = Wire.Argument("""[{"_placeholder":true,"num":0},1]""", [1, 2, 3]);

        Assert.Equal("""44{"message":"m","data":"AQID"}""", Wire.Show(Parser.EncodeConnectError("/", "m", new byte[] { 1, 2, 3 })));
        Assert.Equal("""44{"message":"m","data":["AQID",1]}""", Wire.Show(Parser.EncodeConnectError("/", "m", received)));
        Assert.Equal("""40{"key":"AQID"}""", Wire.Show(Parser.EncodeConnectRequest("/", new { Key = new byte[] { 1, 2, 3 } })));
    }

    [Fact]
    public void Leaving_a_namespace_is_two_digits_and_its_name()
    {
        Assert.Equal("41", Wire.Show(Parser.EncodeDisconnect("/")));
        Assert.Equal("41/foo,", Wire.Show(Parser.EncodeDisconnect("/foo")));
    }

    [Fact]
    public void The_clients_connect_carries_an_object_or_nothing()
    {
        Assert.Equal("40", Wire.Show(Parser.EncodeConnectRequest("/", null)));
        Assert.Equal("40/foo,", Wire.Show(Parser.EncodeConnectRequest("/foo", null)));
        Assert.Equal("""40/foo,{"token":"t"}""", Wire.Show(Parser.EncodeConnectRequest("/foo", new { Token = "t" })));
        Assert.Throws<ArgumentException>(() => Parser.EncodeConnectRequest("/", "token"));
        Assert.Throws<ArgumentException>(() => Parser.EncodeConnectRequest("/", new[] { 1 }));
    }

    [Theory]
    [InlineData("é€", "é€")]
    [InlineData("😀 done", "😀 done")]
    [InlineData("<b>&'+`</b>", "<b>&'+`</b>")]
    [InlineData("\u007f\u2028\u2029\ufeff", "\u007f\u2028\u2029\ufeff")]
    [InlineData("a\"b\\c/d", "a\\\"b\\\\c/d")]
    [InlineData("\0\b\t\n\v\f\r\u001f", "\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f")]
    [InlineData("tail\n", "tail\\n")]
    public void Text_is_escaped_only_where_json_demands_it(string value, string json)
    {
        Assert.Equal($"42[\"x\",\"{json}\"]", Wire.Event(value));
        Assert.Equal($"42[\"x\",{{\"v\":\"{json}\"}}]", Wire.Event(new { V = value }));
        Assert.Equal($"42[\"x\",{{\"{json}\":1}}]", Wire.Event(new Dictionary<string, int> { [value] = 1 }));
        Assert.Equal(value, Wire.Argument($"\"{json}\"").Get<string>());
    }

    [Theory]
    [InlineData("a\ud83d")]
    [InlineData("\ude00b")]
    [InlineData("\ude00\ud83d\"")]
    public void Half_a_surrogate_pair_becomes_the_replacement_character(string value)
    {
        var expected = new string([.. value.Select(c => char.IsSurrogate(c) ? '\ufffd' : c)]).Replace("\"", "\\\"", StringComparison.Ordinal);

        Assert.Equal($"42[\"x\",\"{expected}\"]", Wire.Event(value));
    }

    [Fact]
    public void Long_text_of_every_kind_stays_whole()
    {
        var value = string.Concat(Enumerable.Repeat("ascii é 😀 \" \n", 10_000));

        var packet = Wire.Decode(Wire.Text(Parser.EncodeEvent("/", -1, value, [value]).Text)[1..]);

        Assert.Equal(value, packet.EventName);
        Assert.Equal(value, packet.Arguments.Get<string>(0));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Numbers_that_json_does_not_have_throw_at_the_emit(object value)
    {
        Assert.Throws<ArgumentException>(() => Wire.Event(value));
        Assert.Equal("42[\"x\",1]", Wire.Event(1)); // and leave nothing behind
    }

    [Fact]
    public void The_applications_json_options_count()
    {
        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
        options.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter());
        var parser = new JsonPacketParser(options);

        var packet = parser.EncodeEvent("/", -1, "x", [new { DayOfWeek = DayOfWeek.Friday, Raw = new byte[] { 1 } }, "é"]);

        Assert.Equal(
            """451-["x",{"day_of_week":"Friday","raw":{"_placeholder":true,"num":0}},"é"] <01>""",
            Wire.Show(packet));
        Assert.Empty(options.Converters.OfType<EventArgumentConverter>()); // the options themselves are copied
    }

    [Fact]
    public void A_getter_that_emits_does_not_disturb_the_packet_around_it()
    {
        Assert.Equal(
            """452-["x",{"_placeholder":true,"num":0},{"inner":"451-[\"x\",{\"_placeholder\":true,\"num\":0}] <09>"},{"_placeholder":true,"num":1}] <01> <02>""",
            Wire.Event(new byte[] { 1 }, new Emitting(), new byte[] { 2 }));
    }

    [Fact]
    public void An_encoded_packet_counts_its_bytes()
    {
        var packet = Parser.EncodeEvent("/", -1, "x", [new byte[100], new byte[7]]);

        Assert.Equal(packet.Text.Length + 107, packet.Size);
        Assert.True(packet.Compress);
    }

    private sealed class Emitting
    {
        private readonly byte[] _bytes = [9];

        public string Inner => Wire.Event(_bytes);
    }
}
