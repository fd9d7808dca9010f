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
    public void An_error_is_the_value_alone()
    {
        Assert.Equal(Pack.Bytes("83 'type' 04 'nsp' '/' 'data' 'no entry'"), Pack.Message(Pack.Parser.EncodeOlderConnectError("/", "no entry", null)));
        Assert.Equal(Pack.Bytes("83 'type' 04 'nsp' '/' 'data' 81 'code' 07"), Pack.Message(Pack.Parser.EncodeOlderConnectError("/", "no", new { Code = 7 })));
    }

    private static string Read(byte[] message)
    {
        Assert.True(Pack.Parser.CreateDecoder(1000).TryRead(message, isBinary: true, out var packet));
        return $"{packet.Namespace} {packet.EventName} {packet.Arguments.Count} {string.Join(',', packet.Arguments)}";
    }
}
