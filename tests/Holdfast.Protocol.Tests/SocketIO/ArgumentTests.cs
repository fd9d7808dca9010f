using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holdfast.Protocol.Tests.SocketIO;

public sealed class ArgumentTests
{
    private sealed record Message(string Text, int Count, EventArgument Extra, object? Any);

    [Fact]
    public void An_argument_is_read_as_the_type_that_is_asked_for()
    {
        Assert.Equal(7, Wire.Argument("7").Get<int>());
        Assert.Equal(7, Wire.Argument("\"7\"").Get<int>());
        Assert.Equal(7.5, Wire.Argument("7.5").Get<double>());
        Assert.Equal("é", Wire.Argument("\"\\u00e9\"").Get<string>());
        Assert.True(Wire.Argument("true").Get<bool>());
        Assert.Equal([1, 2], Wire.Argument("[1,2]").Get<int[]>()!);
        Assert.Equal(2, Wire.Argument("[1,2]").Get<JsonElement>().GetArrayLength());
        Assert.Equal("""{"b":1,"a":2}""", Wire.Argument("""{"b":1,"a":2}""").Get<JsonNode>()!.ToJsonString());
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, DateTimeKind.Utc), Wire.Argument("\"2023-11-14T22:13:20.000Z\"").Get<DateTime>());
    }

    [Fact]
    public void Properties_are_found_whatever_their_case()
    {
        var message = Wire.Argument("""{"text":"t","COUNT":3,"extra":{ "z":1 },"any":[1]}""").Get<Message>()!;

        Assert.Equal(("t", 3, """{ "z":1 }"""), (message.Text, message.Count, message.Extra.ToString()));
        Assert.Equal("""42["x",{"text":"t","count":3,"extra":{ "z":1 },"any":[1]}]""", Wire.Event(message));
    }

    [Fact]
    public void Null_fits_what_can_be_null()
    {
        var nothing = Wire.Argument("null");

        Assert.True(nothing.IsNull);
        Assert.Null(nothing.Get<string>());
        Assert.Null(nothing.Get<int?>());
        Assert.Null(nothing.Get<byte[]>());
        Assert.Equal(JsonValueKind.Null, nothing.Get<JsonElement>().ValueKind);
        Assert.True(nothing.Get<EventArgument>().IsNull);
        Assert.Throws<EventArgumentException>(() => nothing.Get<int>());
        Assert.Throws<EventArgumentException>(() => nothing.Get<ReadOnlyMemory<byte>>());
    }

    [Fact]
    public void The_default_argument_is_null()
    {
        EventArgument nothing = default;

        Assert.True(nothing.IsNull);
        Assert.Equal("null", nothing.ToString());
        Assert.Null(nothing.Get<string>());
        Assert.Null(nothing.Get<int?>());
        Assert.Equal(typeof(int), Assert.Throws<EventArgumentException>(() => nothing.Get<int>()).ExpectedType);
        Assert.Equal("42[\"x\",null]", Wire.Event(nothing));
    }

    [Theory]
    [InlineData("\"seven\"")]
    [InlineData("7.5")]
    [InlineData("{}")]
    [InlineData("99999999999999999999")]
    public void A_wrong_type_is_the_peers_fault_and_its_data_stay_out_of_the_message(string json)
    {
        var exception = Assert.Throws<EventArgumentException>(() => Wire.Argument(json).Get<int>());

        Assert.Equal(typeof(int), exception.ExpectedType);
        Assert.Equal("The argument can't be read as System.Int32.", exception.Message);
        Assert.IsType<JsonException>(exception.InnerException, exactMatch: false);
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"text\":\"\\ude00x\"}")]
    [InlineData("{\"\\ud800\":1}")]
    public void Half_a_surrogate_pair_can_not_be_read(string json)
    {
        Assert.Throws<EventArgumentException>(() => Wire.Argument(json).Get<string>());
        Assert.Equal($"42[\"x\",{json}]", Wire.Event(Wire.Argument(json))); // but is passed on
    }

    [Fact]
    public void A_placeholder_without_its_attachment_is_no_binary_value()
    {
        Assert.Throws<EventArgumentException>(() => Wire.Argument("""{"_placeholder":true,"num":0}""").Get<byte[]>());
        Assert.Throws<EventArgumentException>(() => Wire.Argument("{}").Get<byte[]>());
        Assert.Throws<EventArgumentException>(() => Wire.Argument("\"AQI\"").Get<byte[]>());
        Assert.Throws<EventArgumentException>(() => Wire.Argument("[1,2]").Get<byte[]>());
    }

    [Theory]
    [InlineData("""{ "b": 1.50, "a": 1e3 , "b" : [ ] }""")]
    [InlineData("123456789012345678901234567890.5")]
    [InlineData("\"\\u00e9\\/\"")]
    public void What_passes_through_keeps_its_text(string json)
    {
        Assert.Equal($"42[\"x\",{json}]", Wire.Event(Wire.Argument(json)));
        Assert.Equal($"42[\"x\",[{json}]]", Wire.Event(new List<EventArgument> { Wire.Argument(json) }));
        Assert.Equal(json, Wire.Argument(json).ToString());
        Assert.Equal(json, Wire.Argument(json).Get<EventArgument>().ToString());
    }

    [Fact]
    public void Arguments_are_a_list()
    {
        var arguments = Wire.Decode("""2["x",1,"two",[3]]""").Arguments;

        Assert.Equal(3, arguments.Count);
        Assert.Equal(["1", "\"two\"", "[3]"], arguments.Select(argument => argument.ToString()));
        Assert.Equal("two", arguments.Get<string>(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => arguments[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => arguments[-1]);
        Assert.Equal("42[\"x\",1,\"two\",[3]]", Wire.Event(arguments.ToArray()));
        Assert.Equal("42[\"x\",[1,\"two\",[3]]]", Wire.Event(arguments));
    }

    [Fact]
    public void An_argument_that_was_not_sent_counts_as_null()
    {
        var arguments = Wire.Decode("""2["x"]""").Arguments;

        Assert.Null(arguments.Get<string>(0));
        Assert.Null(arguments.Get<int?>(7));
        Assert.True(arguments.Get<EventArgument>(0).IsNull);
        Assert.Throws<EventArgumentException>(() => arguments.Get<int>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => arguments.Get<int>(-1));
    }

    [Fact]
    public void A_captured_value_is_a_snapshot()
    {
        var data = new Dictionary<string, object> { ["name"] = "a", ["key"] = new byte[] { 1 } };
        var captured = Wire.Parser.Capture(data);

        data["name"] = "b";
        ((byte[])data["key"])[0] = 9;

        Assert.Equal("""451-["x",{"name":"a","key":{"_placeholder":true,"num":0}}] <01>""", Wire.Event(captured));
        Assert.Equal("a", captured.Get<Dictionary<string, JsonElement>>()!["name"].GetString());
        Assert.True(Wire.Parser.Capture(null).IsNull);
    }

    [Fact]
    public void A_snapshot_may_hold_more_binary_values_than_a_packet()
    {
        var captured = Wire.Parser.Capture(Enumerable.Range(0, 20).Select(i => new[] { (byte)i }).ToArray());

        Assert.Equal([19], captured.Get<byte[][]>()![19]);
        Assert.Throws<ArgumentException>(() => Wire.Event(captured));
    }
}
