namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>What a peer may send to break the parser. Every one of these ends the connection that it came from, and nothing else.</summary>
public sealed class HostileTests
{
    private const string Start = "83 'type' 02 'nsp' '/' 'data'";

    public static TheoryData<string, string> Unreadable => new()
    {
        // no packet
        { "", "a packet that is cut off" },
        { "c1", "invalid MessagePack" },
        { "c0", "a packet that is no map" },
        { "93 02 '/' 91", "a packet that is no map" },
        { "'hello'", "a packet that is no map" },
        { "80", "unknown packet type" },
        { "81 01 02", "a key that is no text" },
        { "81 c40474797065 02", "a key that is no text" },
        { "82 'type' 01 'nsp' '/' 00", "bytes behind the packet" },
        { "82 'type' 01 'nsp' '/' 82 'type' 01 'nsp' '/'", "bytes behind the packet" },
        // types
        { "81 'nsp' '/'", "unknown packet type" },
        { "82 'type' 07 'nsp' '/'", "unknown packet type" },
        { "82 'type' ff 'nsp' '/'", "unknown packet type" },
        { "82 'type' '1' 'nsp' '/'", "unknown packet type" },
        { "82 'type' c0 'nsp' '/'", "unknown packet type" },
        { "82 'type' cb3ff0000000000000 'nsp' '/'", "unknown packet type" },
        { "82 'type' cfffffffffffffffff 'nsp' '/'", "unknown packet type" },
        { "83 'type' 01 'type' 01 'nsp' '/'", "a key that comes twice" },
        { "83 'type' 01 'nsp' '/' 'nsp' '/'", "a key that comes twice" },
        // namespaces
        { "81 'type' 01", "invalid namespace" },
        { "82 'type' 01 'nsp' c0", "invalid namespace" },
        { "82 'type' 01 'nsp' 01", "invalid namespace" },
        { "82 'type' 01 'nsp' ''", "invalid namespace" },
        { "82 'type' 01 'nsp' 'chat'", "invalid namespace" },
        { "82 'type' 01 'nsp' a2 2f1e", "control character in the namespace" },
        { "82 'type' 01 'nsp' a2 2fff", "text that is no UTF-8" },
        // ids
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'id' ff", "invalid ack id" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'id' '1'", "invalid ack id" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'id' cb3ff0000000000000", "invalid ack id" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'id' cf0020000000000000", "the ack id is too large" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'id' cfffffffffffffffff", "the ack id is too large" },
        { "83 'type' 03 'nsp' '/' 'data' 90", "an ack without id" },
        { "84 'type' 03 'nsp' '/' 'id' c0 'data' 90", "an ack without id" },
        { "83 'type' 00 'nsp' '/' 'id' 01", "an ack id where none belongs" },
        { "83 'type' 01 'nsp' '/' 'id' 01", "an ack id where none belongs" },
        { "84 'type' 04 'nsp' '/' 'id' 01 'data' 'no'", "an ack id where none belongs" },
        // payloads
        { "82 'type' 02 'nsp' '/'", "invalid payload" },
        { Start + " c0", "invalid payload" },
        { Start + " 80", "invalid payload" },
        { Start + " 'x'", "invalid payload" },
        { Start + " 90", "invalid payload" },
        { Start + " 91 c0", "invalid payload" },
        { Start + " 91 c3", "invalid payload" },
        { Start + " 91 c40178", "invalid payload" },
        { Start + " 91 91 'x'", "invalid payload" },
        { "83 'type' 03 'nsp' '/' 'id' 01", "invalid payload" },
        { "84 'type' 03 'nsp' '/' 'id' 01 'data' 81 'a' 01", "invalid payload" },
        { "83 'type' 00 'nsp' '/' 'data' 90", "invalid payload" },
        { "83 'type' 00 'nsp' '/' 'data' 'x'", "invalid payload" },
        { "83 'type' 00 'nsp' '/' 'data' c2", "invalid payload" },
        { "83 'type' 01 'nsp' '/' 'data' 80", "invalid payload" },
        { "82 'type' 04 'nsp' '/'", "invalid payload" },
        { "83 'type' 04 'nsp' '/' 'data' 90", "invalid payload" },
        { "83 'type' 04 'nsp' '/' 'data' c0", "invalid payload" },
        // names that only the library raises
        { Start + " 91 'connect'", "reserved event name" },
        { Start + " 91 'disconnecting'", "reserved event name" },
        { Start + " 91 d9 0a 646973636f6e6e656374", "reserved event name" },
        { Start + " 91 a1 ff", "text that is no UTF-8" },
        // values
        { Start + " 92 'x' c1", "invalid MessagePack" },
        { Start + " 92 'x' a2 c328", "text that is no UTF-8" },
        { Start + " 92 'x' a3 eda080", "text that is no UTF-8" }, // half of a surrogate pair
        { Start + " 92 'x' 81 a1 ff 01", "text that is no UTF-8" },
        { Start + " 92 'x' 81 90 01", "a key that is no text" },
        { Start + " 92 'x' 81 c40161 01", "a key that is no text" },
        { Start + " 92 'x' 81 80 01", "a key that is no text" },
        { Start + " 92 'x' 91 81 d40000 01", "a key that is no text" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' 'options' c1", "invalid MessagePack" },
        { "84 'type' 02 'nsp' '/' 'data' 91 'x' a1 ff 01", "text that is no UTF-8" },
    };

    public static TheoryData<string> CutOff =>
    [
        // lengths and counts beyond the end of the message, in every form that has one
        "a2 61", "d9", "d9ff 61", "daffff 61", "dbffffffff 61", "db7fffffff", "c4", "c402 01", "c5ffff", "c6ffffffff", "c67fffffff 00",
        "c7", "c7ff05", "c80010", "c9ffffffff 05", "d4", "d405", "d705 00", "d8 05 00", "ca 00", "cb 000000", "cc", "cd 00", "ce 00", "cf 00", "d0", "d1 00", "d2 00", "d3 00",
        "91", "92 01", "dc", "dcffff 01", "ddffffffff", "dd7fffffff 01", "81", "81 01", "82 'a' 01 'b'", "deffff 01", "dfffffffff 01", "df80000000", "df7fffffff 01 01",
    ];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void It_is_refused_with_its_reason(string notation, string reason) => Assert.Equal(reason, Pack.Refuse(Pack.Bytes(notation)));

    [Theory]
    [MemberData(nameof(CutOff))]
    public void A_length_beyond_the_end_is_refused_before_anything_is_allocated(string notation)
    {
        byte[] message = [.. Pack.Bytes(Start), .. Pack.Bytes("92 'x'"), .. Pack.Bytes(notation)];
        var decoder = Pack.Parser.CreateDecoder(1_000_000);
        try
        {
            decoder.TryRead(message, isBinary: true, out _);
        }
        catch (ProtocolException)
        {
            // The first time, code is loaded.
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<ProtocolException>(() => decoder.TryRead(message, isBinary: true, out _));
        Assert.Equal("a packet that is cut off", refused.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Fact]
    public void Every_beginning_of_a_packet_is_refused()
    {
        var whole = Pack.Bytes("84 'type' 02 'nsp' '/chat' 'id' cd0400 'data' 94 'x' 82 'a' 91 cb3ff8000000000000 'b' c403010203 d7000000018bcfe56800 c3");
        Pack.Decode(whole);
        for (var length = 0; length < whole.Length; length++)
        {
            Pack.Refuse(whole[..length]);
        }
    }

    [Fact]
    public void Text_is_refused_and_so_is_the_json_of_a_client_with_the_wrong_parser()
    {
        Assert.Equal("text instead of MessagePack", Pack.Refuse("0"u8.ToArray(), isBinary: false));
        Assert.Equal("text instead of MessagePack", Pack.Refuse(Pack.Bytes("82 'type' 01 'nsp' '/'"), isBinary: false));
    }

    [Fact]
    public void The_reason_repeats_nothing_of_what_was_sent()
    {
        foreach (var notation in new[] { "82 'type' 'secret' 'nsp' '/'", "82 'type' 01 'nsp' 'secret'", "81 'secret' c1", Start + " 92 'x' 81 a7 736563726574ff 01" })
        {
            Assert.DoesNotContain("secret", Pack.Refuse(Pack.Bytes(notation)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(500_000, false)]
    public void Nesting_is_bounded(int depth, bool readable)
    {
        byte[] arrays = [.. Enumerable.Repeat((byte)0x91, depth - 1), 0x90];
        byte[] maps = [.. Enumerable.Repeat((byte[])[0x81, 0x01], depth - 1).SelectMany(pair => pair), 0x80];
        byte[] mixed = [.. Enumerable.Range(0, depth - 1).SelectMany(i => i % 2 == 0 ? (byte[])[0x92, 0xC0] : [0x82, 0x01, 0x01, 0x02]), 0x90];
        foreach (var value in new[] { arrays, maps, mixed })
        {
            byte[] message = [.. Pack.Bytes(Start), .. Pack.Bytes("92 'x'"), .. value];
            if (readable)
            {
                var argument = Pack.Decode(message).Arguments[0];
                Assert.True(argument.ToString().Length > depth);
                argument.Get<System.Text.Json.JsonElement>();
                continue;
            }

            Assert.Equal("nested too deeply", Pack.Refuse(message));
            Assert.Equal("nested too deeply", Pack.Refuse([.. Pack.Bytes("83 'type' 00 'nsp' '/' 'data'"), 0x81, 0x01, .. value]));
            Assert.Equal("nested too deeply", Pack.Refuse([.. Pack.Bytes("84 'type' 02 'nsp' '/' 'data' 91 'x' 'options'"), 0x91, .. value]));
        }
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void The_length_of_a_namespace_is_bounded(int length, bool readable)
    {
        byte[] name = [0xDA, (byte)(length >> 8), (byte)length, .. Wire.Bytes("/" + new string('n', length - 1))];
        byte[] message = [.. Pack.Bytes("82 'type' 01 'nsp'"), .. name];
        if (readable)
        {
            Assert.Equal(length, Pack.Decode(message).Namespace.Length);
        }
        else
        {
            Assert.Equal("the namespace is too long", Pack.Refuse(message));
        }
    }
}
