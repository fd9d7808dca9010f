using System.Text.Json;

namespace Holdfast.Protocol.Tests.SocketIO;

public sealed class BinaryTests
{
    private const string P0 = """{"_placeholder":true,"num":0}""";
    private const string P1 = """{"_placeholder":true,"num":1}""";

    private sealed record Upload(string Name, byte[] Data, Part[] Parts);

    private sealed record Part(ReadOnlyMemory<byte> Body, ArraySegment<byte> Tail, Memory<byte> Rest);

    [Fact]
    public void Every_binary_type_leaves_the_json()
    {
        byte[] bytes = [1, 2, 3];

        Assert.Equal($"451-[\"x\",{P0}] <01 02 03>", Wire.Event(bytes));
        Assert.Equal($"451-[\"x\",{P0}] <02 03>", Wire.Event(new ReadOnlyMemory<byte>(bytes, 1, 2)));
        Assert.Equal($"451-[\"x\",{P0}] <02>", Wire.Event(new Memory<byte>(bytes, 1, 1)));
        Assert.Equal($"451-[\"x\",{P0}] <03>", Wire.Event(new ArraySegment<byte>(bytes, 2, 1)));
        Assert.Equal($"451-[\"x\",{P0}] <>", Wire.Event(Array.Empty<byte>()));
    }

    [Fact]
    public void Binary_values_are_numbered_depth_first()
    {
        var upload = new Upload("n", [1], [new Part(new byte[] { 2 }, new byte[] { 3 }, new byte[] { 4 })]);

        Assert.Equal(
            "455-[\"x\",{\"name\":\"n\",\"data\":{\"_placeholder\":true,\"num\":0},\"parts\":[{\"body\":{\"_placeholder\":true,\"num\":1}," +
            "\"tail\":{\"_placeholder\":true,\"num\":2},\"rest\":{\"_placeholder\":true,\"num\":3}}]},{\"_placeholder\":true,\"num\":4}] " +
            "<01> <02> <03> <04> <05>",
            Wire.Event(upload, new byte[] { 5 }));
    }

    [Fact]
    public void Nested_binary_comes_back_in_its_place()
    {
        var sent = Wire.Parser.EncodeEvent("/", -1, "x", [new Upload("n", [1], [new Part(new byte[] { 2 }, new byte[] { 3 }, new byte[] { 4 })])]);

        var packet = Wire.Decode(Wire.Text(sent.Text)[1..], [.. sent.Attachments.Select(a => a.ToArray())]);
        var upload = packet.Arguments.Get<Upload>(0)!;

        Assert.Equal([1], upload.Data);
        Assert.Equal("02 03 04", $"{Wire.Hex(upload.Parts[0].Body)} {Wire.Hex(upload.Parts[0].Tail)} {Wire.Hex(upload.Parts[0].Rest)}");
    }

    [Fact]
    public void The_callers_array_may_change_after_the_emit()
    {
        byte[] bytes = [1, 2, 3];
        var packet = Wire.Parser.EncodeEvent("/", -1, "x", [bytes]);

        bytes[0] = 99;

        Assert.Equal($"451-[\"x\",{P0}] <01 02 03>", Wire.Show(packet));
    }

    [Fact]
    public void A_copy_is_handed_out_as_an_array_and_the_message_itself_as_read_only_memory()
    {
        byte[] attachment = [1, 2, 3];
        var argument = Wire.Argument(P0, attachment);

        argument.Get<byte[]>()![0] = 99;

        Assert.Equal([1, 2, 3], argument.Get<byte[]>());
        Assert.True(attachment.AsSpan().Overlaps(argument.Get<ReadOnlyMemory<byte>>().Span));
    }

    [Fact]
    public void Object_gives_an_array_for_binary_and_an_element_for_all_else()
    {
        Assert.Equal([7], Assert.IsType<byte[]>(Wire.Argument(P0, [7]).Get<object>()));
        Assert.Equal(JsonValueKind.Object, Assert.IsType<JsonElement>(Wire.Argument("{}", [7]).Get<object>()).ValueKind);
        Assert.Equal(JsonValueKind.Object, Assert.IsType<JsonElement>(Wire.Argument(P0).Get<object>()).ValueKind);
        Assert.Null(Wire.Argument("null").Get<object>());
    }

    [Fact]
    public void Base64_text_is_read_as_binary_too() => Assert.Equal([1, 2, 3], Wire.Argument("\"AQID\"").Get<byte[]>());

    [Fact]
    public void More_binary_values_than_clients_accept_throw_with_the_fix()
    {
        var ten = Enumerable.Range(0, 10).Select(object? (i) => new[] { (byte)i }).ToArray();

        Assert.StartsWith("4510-[", Wire.Event(ten), StringComparison.Ordinal);
        var exception = Assert.Throws<ArgumentException>(() => Wire.Event([.. ten, new byte[] { 10 }]));
        Assert.Contains("at most 10 binary values", exception.Message, StringComparison.Ordinal);
        Assert.Contains("several events", exception.Message, StringComparison.Ordinal);
        Assert.Equal("42[\"x\"]", Wire.Event());
    }

    [Fact]
    public void The_limit_for_binary_values_can_be_set()
    {
        var parser = new JsonPacketParser(maxAttachments: 12);

        Assert.StartsWith("4512-", Wire.Show(parser.EncodeEvent("/", -1, "x", [Enumerable.Repeat(new byte[1], 12).ToArray()])), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JsonPacketParser(maxAttachments: 0));
    }

    [Theory]
    [InlineData("""{"_placeholder":true,"num":0}""")]
    [InlineData("""{"_placeholder":true,"num":9}""")]
    [InlineData("""{"a":[{"\u005fplaceholder":true}]}""")]
    public void An_object_that_looks_like_a_placeholder_may_not_stand_beside_binary(string forged)
    {
        // Relayed as it is, it would make every receiver fail and lose its connection.
        var argument = Wire.Argument(forged);

        Assert.Equal($"42[\"x\",{forged}]", Wire.Event(argument));
        Assert.Contains("_placeholder", Assert.Throws<ArgumentException>(() => Wire.Event(argument, new byte[] { 1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Wire.Event(new byte[] { 1 }, argument.Get<JsonElement>()));
        Assert.Throws<ArgumentException>(() => Wire.Parser.Capture(new object[] { new byte[] { 1 }, argument }));
    }

    [Fact]
    public void The_word_alone_is_harmless()
    {
        Assert.Equal(
            $"451-[\"x\",\"_placeholder\",{{\"_placeholder\":false}},{P0}] <01>",
            Wire.Event("_placeholder", new Dictionary<string, bool> { ["_placeholder"] = false }, new byte[] { 1 }));
    }

    [Theory]
    [InlineData(P0)]
    [InlineData("""{"num":0,"_placeholder":true}""")]
    [InlineData("""{ "\u005fplaceholder" : true , "num" : 0 }""")]
    public void The_keys_of_a_placeholder_may_come_in_either_order(string placeholder) =>
        Assert.Equal([5], Wire.Argument(placeholder, [5]).Get<byte[]>());

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"_placeholde\ud800":true}""")]
    [InlineData("""{"\u005fplaceholder2":true}""")]
    [InlineData("""{"_\u0070laceholde":true}""")]
    [InlineData("""{"\n":true,"num":0,"\u00":1}""", false)]
    [InlineData("""{"n\u0075m":0,"\udc00":true}""")]
    public void Names_that_are_nearly_the_mark_are_names_like_others(string json, bool valid = true)
    {
        if (!valid)
        {
            Assert.Throws<ProtocolException>(() => Wire.Argument(json, [1]));
            return;
        }

        Assert.Equal(json, Wire.Argument(json, [1]).ToString());
        Assert.Equal($"451-[\"x\",{json},{P0}] <02>", Wire.Event(Wire.Argument(json), new byte[] { 2 }));
        Assert.Equal($"42[\"x\",{json}]", Wire.Event(Wire.Argument(json, [1])));
    }

    [Fact]
    public void A_received_argument_passes_through_with_new_numbers()
    {
        var packet = Wire.Decode($$"""52-["x", { "b" : {{P1}}, "n" : 1.50, "\u0061":"\ud800" },{{P0}}]""", [1], [2]);

        Assert.Equal(
            $$"""453-["x",{{P0}},{ "b" : {{P1}}, "n" : 1.50, "\u0061":"\ud800" },{"_placeholder":true,"num":2}] <09> <02> <01>""",
            Wire.Event(new byte[] { 9 }, packet.Arguments[0], packet.Arguments[1]));
    }

    [Fact]
    public void A_received_argument_takes_only_its_own_attachments_along()
    {
        var packet = Wire.Decode($"52-[\"x\",{P1},{P0},7]", [1], [2]);

        Assert.Equal($"451-[\"x\",{P0}] <02>", Wire.Event(packet.Arguments[0]));
        Assert.Equal("42[\"x\",7]", Wire.Event(packet.Arguments[2]));
    }

    [Fact]
    public void Bytes_that_pass_through_are_not_copied()
    {
        byte[] attachment = [1, 2, 3];

        var packet = Wire.Parser.EncodeEvent("/", -1, "x", [Wire.Argument(P0, attachment)]);

        Assert.True(attachment.AsSpan().Overlaps(packet.Attachments[0].Span));
    }
}
