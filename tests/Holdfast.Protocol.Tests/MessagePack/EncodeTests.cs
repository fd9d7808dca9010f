using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>The bytes of what goes out.</summary>
public sealed class EncodeTests
{
    private sealed record Person(string Name, int Age, byte[]? Picture = null);

    [JsonDerivedType(typeof(Circle), "circle")]
    private abstract record Shape;

    private sealed record Circle(int Radius) : Shape;

    [Fact]
    public void Each_kind_of_packet_is_one_map_in_one_binary_message()
    {
        Same("83 'type' 02 'nsp' '/' 'data' 92 'hello' 01", Pack.Parser.EncodeEvent("/", -1, "hello", [1]));
        Same("84 'type' 02 'nsp' '/chat' 'id' 11 'data' 91 'hello'", Pack.Parser.EncodeEvent("/chat", 17, "hello", []));
        Same("84 'type' 03 'nsp' '/' 'id' cd0400 'data' 92 'a' c3", Pack.Parser.EncodeAck("/", 1024, ["a", true]));
        Same("84 'type' 03 'nsp' '/' 'id' 00 'data' 90", Pack.Parser.EncodeAck("/", 0, []));
        Same("83 'type' 00 'nsp' '/' 'data' 81 'sid' 'abc'", Pack.Parser.EncodeConnect("/", "abc", null));
        Same("83 'type' 00 'nsp' '/a' 'data' 82 'sid' 'abc' 'pid' 'xyz'", Pack.Parser.EncodeConnect("/a", "abc", "xyz"));
        Same("83 'type' 04 'nsp' '/' 'data' 81 'message' 'no'", Pack.Parser.EncodeConnectError("/", "no", null));
        Same("83 'type' 04 'nsp' '/' 'data' 82 'message' 'no' 'data' 81 'code' 07", Pack.Parser.EncodeConnectError("/", "no", new { Code = 7 }));
        Same("82 'type' 01 'nsp' '/chat'", Pack.Parser.EncodeDisconnect("/chat"));
        Same("82 'type' 00 'nsp' '/'", Pack.Parser.EncodeConnectRequest("/", null));
        Same("83 'type' 00 'nsp' '/' 'data' 81 'token' 'T'", Pack.Parser.EncodeConnectRequest("/", new { Token = "T" }));
    }

    [Fact]
    public void An_auth_value_that_is_no_object_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Pack.Parser.EncodeConnectRequest("/", "token"));
        Assert.Throws<ArgumentException>(() => Pack.Parser.EncodeConnectRequest("/", new[] { 1 }));
    }

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(127L, "7f")]
    [InlineData(128L, "cc80")]
    [InlineData(255L, "ccff")]
    [InlineData(256L, "cd0100")]
    [InlineData(65535L, "cdffff")]
    [InlineData(65536L, "ce00010000")]
    [InlineData(4294967295L, "ceffffffff")]
    [InlineData(4294967296L, "cf0000000100000000")]
    [InlineData(long.MaxValue, "cf7fffffffffffffff")]
    [InlineData(-1L, "ff")]
    [InlineData(-32L, "e0")]
    [InlineData(-33L, "d0df")]
    [InlineData(-128L, "d080")]
    [InlineData(-129L, "d1ff7f")]
    [InlineData(-32768L, "d18000")]
    [InlineData(-32769L, "d2ffff7fff")]
    [InlineData(-2147483648L, "d280000000")]
    [InlineData(-2147483649L, "d3ffffffff7fffffff")]
    [InlineData(long.MinValue, "d38000000000000000")]
    public void Integers_take_their_shortest_form(long value, string hex)
    {
        Argument(hex, value);
        Argument("91 " + hex, new[] { value }); // through the serializer
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Argument(hex, (int)value);
        }
    }

    [Fact]
    public void Numbers_are_integers_where_they_can_be_and_doubles_otherwise()
    {
        Argument("cb3ff8000000000000", 1.5);
        Argument("05", 5.0);
        Argument("ff", -1.0);
        Argument("00", -0.0);
        Argument("cb3fb999999999999a", 0.1f); // as its text says
        Argument("cb3ff3ae147ae147ae", 1.23m);
        Argument("01", 1.00m);
        Argument("cfffffffffffffffff", ulong.MaxValue);
        Argument("cb7e37e43c8800759c", 1e300);
        Argument("cb43f0000000000000", 18446744073709551616.0);
        Argument("d3fff0000000000000", -4503599627370496.0);
        Assert.Throws<ArgumentException>(() => Pack.Event(double.NaN));
        Assert.Throws<ArgumentException>(() => Pack.Event(new[] { double.PositiveInfinity }));
    }

    [Fact]
    public void Values_follow_the_contracts_of_the_serializer()
    {
        Argument("c0", (object?)null);
        Argument("c2", false);
        Argument("83 'name' 'Ada' 'age' 24 'picture' c0", new Person("Ada", 36));
        Argument("83 'name' 'Ada' 'age' 24 'picture' c403 010203", new Person("Ada", 36, [1, 2, 3]));
        Argument("82 'a' 93 01 90 80 'b' 81 '' c0", new Dictionary<string, object?> { ["a"] = new object[] { 1, Array.Empty<int>(), new { } }, ["b"] = new Dictionary<string, object?> { [""] = null } });
        Argument("b8 32303236 2d31312d 32315431 303a3030 3a30302e 3132335a", new DateTime(2026, 11, 21, 10, 0, 0, 123, DateTimeKind.Utc));
        Argument("01", DayOfWeek.Monday);
        Argument("92 c3 'x'", JsonDocument.Parse("[true,\"x\"]"));
        Same("83 'type' 02 'nsp' '/' 'data' 92 'x' 82 '$type' 'circle' 'radius' 03", Pack.Parser.EncodeEvent("/", -1, "x", [DeclaredArgument.Of<Shape>(new Circle(3))]));
    }

    [Fact]
    public void Text_is_utf8_whatever_the_serializer_would_have_escaped()
    {
        Argument("'é😀\"\\/<'", "é😀\"\\/<");
        Argument("91 ac c3a9f09f98800a225c2f013c", new[] { "é😀\n\"\\/\u0001<" });
        Argument("81 a3 22c3a9 01", new Dictionary<string, int> { ["\"é"] = 1 });
        Argument("a3 efbfbd", "\ud800");
        Argument("91 a3 efbfbd", new[] { "\udc00" });
    }

    [Theory]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65535, "daffff")]
    [InlineData(65536, "db00010000")]
    public void The_length_of_text_takes_its_shortest_form(int length, string header)
    {
        var text = new string('a', length);
        Assert.Equal([.. Pack.EventOf(header), .. Wire.Bytes(text)], Pack.Event(text));
        Assert.Equal([.. Pack.EventOf("91 " + header), .. Wire.Bytes(text)], Pack.Event(new List<string> { text }));
        var escaped = new string('"', length);
        Assert.Equal([.. Pack.EventOf("91 " + header), .. Wire.Bytes(escaped)], Pack.Event(new List<string> { escaped }));
    }

    [Theory]
    [InlineData(0, "c400")]
    [InlineData(255, "c4ff")]
    [InlineData(256, "c50100")]
    [InlineData(65536, "c600010000")]
    public void The_length_of_binary_takes_its_shortest_form(int length, string header)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(7);
        Assert.Equal([.. Pack.EventOf(header), .. bytes], Pack.Event(bytes));
        Assert.Equal([.. Pack.EventOf(header), .. bytes], Pack.Event((ReadOnlyMemory<byte>)bytes));
        Assert.Equal([.. Pack.EventOf("81 'b' " + header), .. bytes], Pack.Event(new { B = new ArraySegment<byte>(bytes) }));
    }

    [Theory]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65535, "dcffff", "deffff")]
    [InlineData(65536, "dd00010000", "df00010000")]
    public void The_count_of_arrays_and_maps_takes_its_shortest_form(int count, string array, string map)
    {
        var numbers = Enumerable.Range(0, count).Select(i => i % 100).ToArray();
        byte[] elements = [.. numbers.Select(i => (byte)i)];
        Assert.Equal([.. Pack.EventOf("92 " + array), .. elements, 0xC3], Pack.Event(new List<object> { numbers, true }));

        var pairs = Enumerable.Range(0, count).ToDictionary(i => $"{i:x5}", i => i % 100);
        byte[] flat = [.. pairs.SelectMany(pair => (byte[])[0xA5, .. Wire.Bytes(pair.Key), (byte)pair.Value])];
        Assert.Equal([.. Pack.EventOf(map), .. flat], Pack.Event(pairs));
    }

    [Fact]
    public void An_event_may_have_any_number_of_arguments_and_binary_values()
    {
        var many = Enumerable.Range(0, 100).Select(object? (i) => new { B = new[] { (byte)i } }).ToArray();
        var packet = Pack.Decode(Pack.Event(many));
        Assert.Equal(100, packet.Arguments.Count);
        Assert.Equal([99], packet.Arguments.Get<Dictionary<string, byte[]>>(99)!["b"]);
        var deep = Pack.Decode(Pack.Event(Enumerable.Range(0, 50).Select(i => new[] { (byte)i }).ToList())).Arguments.Get<byte[][]>(0)!;
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (byte)i), deep.Select(bytes => bytes.Single()));
    }

    [Fact]
    public void Deep_objects_of_the_application_go_out_as_deep_as_the_serializer_allows()
    {
        var parser = new MessagePackParser(new JsonSerializerOptions(JsonSerializerDefaults.Web) { MaxDepth = 500 });
        object deep = 7;
        for (var i = 0; i < 400; i++)
        {
            deep = new[] { deep };
        }

        var expected = Pack.EventOf(string.Concat(Enumerable.Repeat("91", 400)) + "07");
        Assert.Equal(expected, Pack.Message(parser.EncodeEvent("/", -1, "x", [deep])));
        Assert.Throws<JsonException>(() => Pack.Event(deep)); // 64 unless the application says more
    }

    [Fact]
    public void What_has_the_form_of_a_placeholder_is_an_object_like_others()
    {
        var forged = new Dictionary<string, object> { ["_placeholder"] = true, ["num"] = 0 };
        Argument("82 '_placeholder' c3 'num' 00", forged);
        Same("83 'type' 02 'nsp' '/' 'data' 93 'x' 82 '_placeholder' c3 'num' 00 c401 07", Pack.Parser.EncodeEvent("/", -1, "x", [forged, new byte[] { 7 }]));

        // Inside of one value the serializer's output could not tell which is which.
        Assert.Throws<ArgumentException>(() => Pack.Event(new List<object> { forged, new byte[] { 7 } }));
        Assert.Throws<ArgumentException>(() => Pack.Event(new List<object> { new byte[] { 7 }, forged }));
    }

    [Fact]
    public void Options_and_converters_of_the_application_are_kept_to()
    {
        var options = new JsonSerializerOptions { NumberHandling = JsonNumberHandling.WriteAsString };
        options.Converters.Add(new JsonStringEnumConverter());
        var parser = new MessagePackParser(options);
        Same("83 'type' 02 'nsp' '/' 'data' 94 'x' '5' 'Monday' 81 'Name' 'n'", parser.EncodeEvent("/", -1, "x", [5, DayOfWeek.Monday, new { Name = "n" }]));
    }

    [Fact]
    public void An_offset_is_the_last_argument_and_the_packet_says_where_it_stands()
    {
        const string Offset = "EPOCH678.0000000042";
        var packet = Pack.Parser.EncodeEvent("/", -1, "x", [1], Offset);
        Same($"83 'type' 02 'nsp' '/' 'data' 93 'x' 01 '{Offset}'", packet);
        Assert.Equal(Wire.Bytes(Offset), Pack.Message(packet)[packet.OffsetStart..]);
        Assert.Equal(-1, Pack.Parser.EncodeEvent("/", -1, "x", [1]).OffsetStart);

        var json = Wire.Parser.EncodeEvent("/", -1, "x", [new byte[] { 1 }], Offset);
        Assert.Equal(Offset, Wire.Text(json.Text.Slice(json.OffsetStart, Offset.Length)));
        Assert.Equal(-1, Wire.Parser.EncodeEvent("/", -1, "x", [1]).OffsetStart);
    }

    private static void Same(string notation, EncodedPacket packet) => Assert.Equal(Pack.Bytes(notation), Pack.Message(packet));

    private static void Argument(string notation, object? value) => Assert.Equal(Pack.EventOf(notation), Pack.Event(value));
}
