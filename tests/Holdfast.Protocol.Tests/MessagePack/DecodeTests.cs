using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>What comes in, and what handlers get of it.</summary>
public sealed partial class DecodeTests
{
    private sealed record Message(string Text, int Count, EventArgument Extra, object? Any, DateTime At = default);

    [Fact]
    public void Packets_are_read_as_the_official_clients_send_them()
    {
        var connect = Pack.Decode("83 'type' 00 'data' d40000 'nsp' '/'"); // undefined
        Assert.Equal((PacketType.Connect, "/", true), (connect.Type, connect.Namespace, connect.Payload.IsNull));

        var auth = Pack.Decode("83 'type' 00 'data' 81 'token' 'T' 'nsp' '/chat'");
        Assert.Equal(("/chat", """{"token":"T"}"""), (auth.Namespace, auth.Payload.ToString()));

        var message = Pack.Decode("85 'type' 02 'data' 93 'hello' 01 c403010203 'options' 81 'compress' c3 'id' 07 'nsp' '/'");
        Assert.Equal((PacketType.Event, "hello", 7L, 2), (message.Type, message.EventName, message.AckId, message.Arguments.Count));
        Assert.Equal(1, message.Arguments.Get<int>(0));
        Assert.Equal([1, 2, 3], message.Arguments.Get<byte[]>(1)!);

        var ack = Pack.Decode("84 'type' 03 'id' 00 'data' 91 'a' 'nsp' '/'");
        Assert.Equal((PacketType.Ack, 0L, "a"), (ack.Type, ack.AckId, ack.Arguments.Get<string>(0)));

        var disconnect = Pack.Decode("82 'type' 01 'nsp' '/chat'");
        Assert.Equal((PacketType.Disconnect, "/chat"), (disconnect.Type, disconnect.Namespace));

        var refused = Pack.Decode("83 'type' 04 'data' 81 'message' 'no' 'nsp' '/'");
        Assert.Equal((PacketType.ConnectError, """{"message":"no"}"""), (refused.Type, refused.Payload.ToString()));
        Assert.Equal("no", Pack.Decode("83 'type' 04 'data' 'no' 'nsp' '/'").Payload.Get<string>());
    }

    [Fact]
    public void Null_and_undefined_are_absent_as_python_and_javascript_say_it()
    {
        Assert.True(Pack.Decode("83 'type' 00 'data' c0 'nsp' '/'").Payload.IsNull);
        Assert.Equal(PacketType.Disconnect, Pack.Decode("84 'type' 01 'data' c0 'nsp' '/' 'id' c0").Type);
        Assert.Equal(Packet.NoAck, Pack.Decode("84 'type' 02 'data' 91 'x' 'nsp' '/' 'id' d40000").AckId);
        Assert.Equal(Packet.NoAck, Pack.Decode("84 'type' 02 'data' 91 'x' 'nsp' '/' 'id' c0").AckId);
    }

    [Fact]
    public void The_order_of_the_keys_means_nothing_and_long_forms_are_read_as_well()
    {
        var packet = Pack.Decode("df00000004 d9036e7370 '/a' 'id' d30000000000000005 'data' dd00000002 da000178 c90000000300070809 'type' d002");
        Assert.Equal(("/a", 5L, "x"), (packet.Namespace, packet.AckId, packet.EventName));
        Assert.Equal([7, 8, 9], packet.Arguments.Get<byte[]>(0)!);
    }

    [Fact]
    public void A_number_can_be_the_name_of_an_event()
    {
        Assert.Equal("5", Pack.Decode("83 'type' 02 'nsp' '/' 'data' 91 05").EventName);
        Assert.Equal("-1.5", Pack.Decode("83 'type' 02 'nsp' '/' 'data' 91 cbbff8000000000000").EventName);
        Assert.Equal("18446744073709551615", Pack.Decode("83 'type' 02 'nsp' '/' 'data' 91 cfffffffffffffffff").EventName);
    }

    [Theory]
    [InlineData("7f", 127)]
    [InlineData("e0", -32)]
    [InlineData("ccff", 255)]
    [InlineData("cdffff", 65535)]
    [InlineData("ce7fffffff", int.MaxValue)]
    [InlineData("d080", -128)]
    [InlineData("d18000", -32768)]
    [InlineData("d280000000", int.MinValue)]
    [InlineData("d3ffffffffffffffff", -1)]
    [InlineData("cf0000000000000001", 1)]
    [InlineData("cb4014000000000000", 5)] // a double that is whole
    [InlineData("ca40a00000", 5)]
    [InlineData("a135", 5)] // text, as with JSON
    public void Every_form_of_an_integer_is_read(string notation, int expected)
    {
        Assert.Equal(expected, Pack.Argument(notation).Get<int>());
        Assert.Equal(expected, Pack.Argument(notation).Get<long>());
        Assert.Equal(expected, Pack.Argument(notation).Get<double>());
        Assert.Equal(expected, Pack.Argument(notation).Get<int?>());
        Assert.Equal(expected, Pack.Argument("81 'n' " + notation).Get<Dictionary<string, int>>()!["n"]);
    }

    [Fact]
    public void Large_and_broken_numbers_are_exact()
    {
        Assert.Equal(ulong.MaxValue, Pack.Argument("cfffffffffffffffff").Get<ulong>());
        Assert.Equal(9007199254740993, Pack.Argument("cf0020000000000001").Get<long>());
        Assert.Equal(long.MinValue, Pack.Argument("d38000000000000000").Get<long>());
        Assert.Equal(0.1, Pack.Argument("cb3fb999999999999a").Get<double>());
        Assert.Equal(0.1f, Pack.Argument("ca3dcccccd").Get<float>());
        Assert.Equal(5e-324, Pack.Argument("cb0000000000000001").Get<double>());
        Assert.Equal("""{"a":[0.1,5E-324]}""", Pack.Argument("81 'a' 92 cb3fb999999999999a cb0000000000000001").Get<JsonElement>().GetRawText());
        Assert.Throws<EventArgumentException>(() => Pack.Argument("cfffffffffffffffff").Get<long>());
        Assert.Throws<EventArgumentException>(() => Pack.Argument("ce80000000").Get<int>());
        Assert.Throws<EventArgumentException>(() => Pack.Argument("cb3ff8000000000000").Get<int>());
    }

    [Fact]
    public void An_argument_is_read_as_the_type_that_is_asked_for()
    {
        var message = Pack.Argument("85 'text' 't' 'COUNT' 03 'extra' 81 'z' c401ff 'any' 91 c0 'at' d7ff 00000000 65b2d3c0").Get<Message>()!;
        Assert.Equal(("t", 3), (message.Text, message.Count));
        Assert.Equal([255], message.Extra.Get<Dictionary<string, byte[]>>()!["z"]);
        Assert.Equal("[null]", message.Any!.ToString());
        Assert.Equal(new DateTime(2024, 1, 25, 21, 33, 52, DateTimeKind.Utc), message.At);

        Assert.Equal(2, Pack.Argument("92 01 02").Get<JsonElement>().GetArrayLength());
        Assert.Equal("""{"b":1,"a":2}""", Pack.Argument("82 'b' 01 'a' 02").Get<JsonNode>()!.ToJsonString());
        Assert.Equal(JsonValueKind.True, Assert.IsType<JsonElement>(Pack.Argument("c3").Get<object>()).ValueKind);
        Assert.Equal([1, 2], Assert.IsType<byte[]>(Pack.Argument("c4020102").Get<object>()));
        Assert.Equal([1, 2], Assert.IsType<byte[]>(Pack.Argument("c7020001 02").Get<object>()));
        Assert.Equal([1, 2], Pack.Argument("'AQI='").Get<byte[]>()!); // base64, from peers that have no binary
        Assert.True(Pack.Argument("c3").Get<bool>());
        Assert.Equal("é\u0000", Pack.Argument("a3 c3a900").Get<string>());
    }

    [Fact]
    public void A_wrong_type_is_the_peers_fault_and_its_data_stay_out_of_the_message()
    {
        foreach (var notation in new[] { "'seven'", "80", "90", "c3", "c40107", "c0", "d7000000000000000000", "c7010507" })
        {
            var exception = Assert.Throws<EventArgumentException>(() => Pack.Argument(notation).Get<int>());
            Assert.Equal("The argument can't be read as System.Int32.", exception.Message);
        }

        Assert.Throws<EventArgumentException>(() => Pack.Argument("01").Get<string>());
        Assert.Throws<EventArgumentException>(() => Pack.Argument("01").Get<byte[]>());
        Assert.Throws<EventArgumentException>(() => Pack.Argument("91 01").Get<ReadOnlyMemory<byte>>());
    }

    [Fact]
    public void Binary_values_share_the_bytes_of_the_message_if_they_may()
    {
        var message = Pack.EventOf("c403 010203");
        var memory = Pack.Decode(message).Arguments.Get<ReadOnlyMemory<byte>>(0);
        Assert.True(message.AsSpan().Overlaps(memory.Span));
        Assert.Equal([1, 2, 3], memory.ToArray());
        Assert.False(message.AsSpan().Overlaps(Pack.Decode(message).Arguments.Get<byte[]>(0)));
        message = Pack.EventOf("91 c403 010203");
        Assert.True(message.AsSpan().Overlaps(Pack.Decode(message).Arguments.Get<ReadOnlyMemory<byte>[]>(0)![0].Span));
    }

    [Theory]
    [InlineData("d7000000018bcfe56800", "2023-11-14T22:13:20.000Z")] // a Date of JavaScript
    [InlineData("d700ffffffffffffffff", "1969-12-31T23:59:59.999Z")]
    [InlineData("d6ff655409e0", "2023-11-14T23:59:28.000Z")] // the timestamps of the specification
    [InlineData("d7ff1dcd6500655409e0", "2023-11-14T23:59:28.125Z")]
    [InlineData("c70cff000000640000000065 5409e0", "2023-11-14T23:59:28.0000001Z")]
    [InlineData("c70cff00000000fffffff1886e0900", "0001-01-01T00:00:00.000Z")]
    public void Dates_are_read_as_iso_text(string notation, string expected)
    {
        var date = Pack.Argument(notation);
        Assert.Equal(expected, date.Get<string>());
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), date.Get<DateTimeOffset>());
        Assert.Equal(DateTimeKind.Utc, date.Get<DateTime>().Kind);
        Assert.False(date.IsNull);
        Assert.Equal($"\"{expected}\"", date.ToString());
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("d40000")] // undefined
    [InlineData("cb7ff8000000000000")] // NaN
    [InlineData("cb7ff0000000000000")]
    [InlineData("caff800000")] // minus infinity
    [InlineData("d7007fffffffffffffff")] // dates beyond what .NET counts to
    [InlineData("d7008000000000000000")]
    [InlineData("c70cff00000000fffffff1886e08ff")]
    [InlineData("c70cffffffffff0000000000000000")] // four thousand million nanoseconds
    public void What_json_has_no_word_for_is_null(string notation)
    {
        var value = Pack.Argument(notation);
        Assert.True(value.IsNull);
        Assert.Equal("null", value.ToString());
        Assert.Null(value.Get<string>());
        Assert.Null(value.Get<double?>());
        Assert.Null(value.Get<DateTime?>());
        Assert.Throws<EventArgumentException>(() => value.Get<double>());
        Assert.Equal(JsonValueKind.Null, value.Get<JsonElement>().ValueKind);
        Assert.Equal("[null]", Pack.Argument("91 " + notation).ToString());
    }

    [Fact]
    public void Extensions_that_nobody_knows_are_their_type_and_their_bytes()
    {
        foreach (var notation in new[] { "d50501 02", "c7020501 02", "c8 0002 05 0102", "c9 00000002 05 0102" })
        {
            var value = Pack.Argument(notation).Get<JsonElement[]>()!;
            Assert.Equal(5, value[0].GetInt32());
            Assert.Equal([1, 2], Pack.Argument("91 " + notation).Get<EventArgument[][]>()![0][1].Get<byte[]>()!);
        }

        Assert.Equal("""[-1,{"_placeholder":true,"num":0}]""", Pack.Argument("d5ff0102").ToString()); // no length of a timestamp
    }

    [Fact]
    public void Keys_that_are_no_text_get_their_text()
    {
        Assert.Equal(
            """{"1":1,"-5":2,"true":3,"null":4,"1.5":5,"18446744073709551615":6}""",
            Pack.Argument("86 01 01 fb 02 c3 03 c0 04 cb3ff8000000000000 05 cfffffffffffffffff 06").ToString());
    }

    [Fact]
    public void Properties_that_are_undefined_are_absent()
    {
        Assert.Equal("""{"b":1,"c":{},"d":[null,{}],"e":2}""", Pack.Argument("86 'a' d40000 'b' 01 'c' 81 'x' d40000 'd' 92 d40000 81 '_placeholder' d40000 'e' 02 'f' d40000").ToString());
        Assert.Equal("{}", Pack.Argument("81 'a' d40000").ToString());
    }

    [Fact]
    public void Odd_keys_do_no_harm()
    {
        var odd = Pack.Argument("84 '__proto__' 81 'admin' c3 'constructor' 01 'a' 01 'a' 02");
        var keys = odd.Get<Dictionary<string, EventArgument>>()!;
        Assert.Equal(["__proto__", "constructor", "a"], keys.Keys);
        Assert.Equal(2, keys["a"].Get<int>());
    }

    [Fact]
    public void An_object_that_looks_like_a_placeholder_points_at_nothing()
    {
        const string Forged = "82 '_placeholder' c3 'num' 00";
        Assert.Throws<EventArgumentException>(() => Pack.Argument(Forged).Get<byte[]>());
        Assert.Equal("""{"_placeholder":true,"num":0}""", Pack.Argument(Forged).ToString());

        // Beside a real one it could be taken for it, a thousand times.
        var beside = Pack.Argument($"92 c40107 {Forged}");
        Assert.Throws<EventArgumentException>(() => beside.Get<byte[][]>());
        Assert.Throws<EventArgumentException>(() => beside.Get<object>());
        Assert.DoesNotContain("num", beside.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, Pack.Argument("92 c40107 82 '_placeholder' c2 'num' 00").Get<EventArgument[]>()!.Length);
    }

    [Fact]
    public void Options_and_contexts_of_the_application_are_kept_to()
    {
        var parser = new MessagePackParser(new JsonSerializerOptions { TypeInfoResolver = NamedContext.Default });
        var decoder = parser.CreateDecoder(1000);
        Assert.True(decoder.TryRead(Pack.EventOf("81 'Name' 'Ada'"), isBinary: true, out var packet));
        Assert.Equal("Ada", packet.Arguments.Get<Named>(0)!.Name);
        Assert.Throws<NotSupportedException>(() => packet.Arguments.Get<Message>(0));
        Assert.Equal([7], Pack.Decode(Pack.Message(parser.EncodeEvent("/", -1, "x", [new Named("n", [7])]))).Arguments.Get<Dictionary<string, EventArgument>>(0)!["Key"].Get<byte[]>()!);
    }

    [Fact]
    public void A_captured_value_is_a_snapshot_that_loses_nothing()
    {
        var data = new Dictionary<string, object> { ["price"] = 1.2345678901234567890123456789m, ["key"] = new byte[] { 1 } };
        var captured = Pack.Parser.Capture(data);
        ((byte[])data["key"])[0] = 9;

        var back = captured.Get<Dictionary<string, EventArgument>>()!;
        Assert.Equal(1.2345678901234567890123456789m, back["price"].Get<decimal>());
        Assert.Equal([1], back["key"].Get<byte[]>()!);
        Assert.Equal(Pack.EventOf("82 'price' cb3ff3c0ca428c59fb 'key' c40101"), Pack.Event(captured));
        Assert.True(Pack.Parser.Capture(null).IsNull);
        Assert.Equal(5, Pack.Parser.Capture(Pack.Argument("81 'a' 05")).Get<Dictionary<string, int>>()!["a"]);
    }

    private sealed record Named(string Name, byte[]? Key = null);

    [JsonSerializable(typeof(Named))]
    private sealed partial class NamedContext : JsonSerializerContext;
}
