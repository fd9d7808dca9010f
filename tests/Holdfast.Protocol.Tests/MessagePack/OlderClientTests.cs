using System.Text;

namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>What clients of Engine.IO 3 get in another form.</summary>
public sealed class OlderClientTests
{
    private const string Offset = "Ab_-1234.000000000z";

    [Theory]
    [InlineData("x", 0)]
    [InlineData("", 0)]
    [InlineData("x", 1)]
    [InlineData("x", 13)]
    [InlineData("x", 15)]
    [InlineData("x", 253)]
    [InlineData("x", 254)]
    [InlineData("x", 65533)]
    [InlineData("x", 65534)]
    public void An_event_is_cut_to_what_it_is_without_its_offset(string name, int count)
    {
        object?[] arguments = [.. Enumerable.Range(0, count).Select(object? (n) => n)];
        var packet = Pack.Parser.EncodeEvent("/chat", Packet.NoAck, name, arguments, Offset);
        var whole = Pack.Message(packet);
        packet.Compress = false;

        var bare = Pack.Parser.WithoutOffset(packet);

        Assert.Equal(Read(Pack.Message(Pack.Parser.EncodeEvent("/chat", Packet.NoAck, name, arguments))), Read(Pack.Message(bare)));
        Assert.Equal(whole, Pack.Message(packet));
        Assert.Equal(-1, bare.OffsetStart);
        Assert.False(bare.Compress);
    }

    [Fact]
    public void The_cut_is_exact()
    {
        var bare = Pack.Parser.WithoutOffset(Pack.Parser.EncodeEvent("/", Packet.NoAck, "x", [1], Offset));

        Assert.Equal(Pack.Bytes("83 'type' 02 'nsp' '/' 'data' 92 'x' 01"), Pack.Message(bare));
    }

    [Fact]
    public void An_error_is_text_and_nothing_else()
    {
        Assert.Equal(Pack.Bytes("83 'type' 04 'nsp' '/' 'data' 'no entry'"), Pack.Message(Pack.Parser.EncodeOlderConnectError("/", "no entry", null)));
        Assert.Equal(Pack.Bytes("83 'type' 04 'nsp' '/' 'data' 'no'"), Pack.Message(Pack.Parser.EncodeOlderConnectError("/", "no", new { Code = 7 })));
        Assert.Equal(Pack.Bytes("83 'type' 04 'nsp' '/' 'data' 'late'"), Pack.Message(Pack.Parser.EncodeOlderConnectError("/", "no", "late")));
    }

    [Theory]
    [InlineData("""{"type":0,"nsp":"/chat"}""", PacketType.Connect, "/chat")]
    [InlineData("""{"type":0,"query":"a=b","nsp":"/chat?a=b"}""", PacketType.Connect, "/chat?a=b")]
    [InlineData("""{"type":1,"options":{"compress":true,"x":[1,{}]},"nsp":"/"}""", PacketType.Disconnect, "/")]
    [InlineData(""" { "nsp" : "/\u00fc" , "type" : 1 } """, PacketType.Disconnect, "/ü")]
    public void It_may_join_and_leave_in_JSON_text(string text, PacketType type, string nsp)
    {
        Assert.True(Pack.Parser.CreateDecoder(1000).TryRead(Encoding.UTF8.GetBytes(text), isBinary: false, out var packet));

        Assert.Equal((type, nsp), (packet.Type, packet.Namespace));
        Assert.True(packet.Payload.IsNull);
    }

    [Fact]
    public void What_holds_binary_values_may_have_a_type_of_its_own()
    {
        var decoder = Pack.Parser.CreateDecoder(1000);

        Assert.True(decoder.TryRead(Pack.Bytes("84 'type' 05 'nsp' '/' 'id' 07 'data' 92 'x' C40101"), isBinary: true, out var asked));
        Assert.True(decoder.TryRead(Pack.Bytes("84 'type' 06 'nsp' '/' 'id' 07 'data' 91 C40102"), isBinary: true, out var answered));

        Assert.Equal((PacketType.Event, 7L, "x"), (asked.Type, asked.AckId, asked.EventName));
        Assert.Equal([1], asked.Arguments.Get<byte[]>(0)!);
        Assert.Equal((PacketType.Ack, 7L), (answered.Type, answered.AckId));
        Assert.Equal([2], answered.Arguments.Get<byte[]>(0)!);
        Assert.Equal("unknown packet type", Pack.Refuse(Pack.Bytes("83 'type' 07 'nsp' '/' 'data' 91 'x'")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":0}""")]
    [InlineData("""{"nsp":"/"}""")]
    [InlineData("""{"type":2,"nsp":"/","data":["x"]}""")]
    [InlineData("""{"type":4,"nsp":"/","data":"x"}""")]
    [InlineData("""{"type":256,"nsp":"/"}""")]
    [InlineData("""{"type":"0","nsp":"/"}""")]
    [InlineData("""{"type":null,"nsp":"/"}""")]
    [InlineData("""{"type":0.5,"nsp":"/"}""")]
    [InlineData("""{"type":0,"type":0,"nsp":"/"}""")]
    [InlineData("""{"type":0,"nsp":"/","nsp":"/"}""")]
    [InlineData("""{"type":0,"nsp":1}""")]
    [InlineData("""{"type":0,"nsp":"\ud800"}""")]
    [InlineData("""{"type":0,"nsp":"/"}x""")]
    [InlineData("""{"type":0,"nsp":"/" """)]
    public void Other_text_is_no_packet(string text)
    {
        Assert.Equal("text instead of MessagePack", Pack.Refuse(Encoding.UTF8.GetBytes(text), isBinary: false));
    }

    [Fact]
    public void Names_in_text_keep_the_rules_of_names()
    {
        Assert.Equal("invalid namespace", Pack.Refuse("""{"type":0,"nsp":"chat"}"""u8.ToArray(), isBinary: false));
        Assert.Equal("control character in the namespace", Pack.Refuse("""{"type":0,"nsp":"/\n"}"""u8.ToArray(), isBinary: false));
        Assert.Equal("text instead of MessagePack", Pack.Refuse(Encoding.UTF8.GetBytes($$"""{"type":0,"nsp":"/{{new string('x', 1024)}}"}"""), isBinary: false));
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));
        Assert.Equal("text instead of MessagePack", Pack.Refuse(Encoding.UTF8.GetBytes($$"""{"type":0,"nsp":"/","options":{{deep}}}"""), isBinary: false));
    }

    private static string Read(byte[] message)
    {
        Assert.True(Pack.Parser.CreateDecoder(1000).TryRead(message, isBinary: true, out var packet));
        return $"{packet.Namespace} {packet.EventName} {packet.Arguments.Count} {string.Join(',', packet.Arguments)}";
    }
}
