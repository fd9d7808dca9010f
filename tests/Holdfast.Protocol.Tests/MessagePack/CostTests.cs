namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>The cost of one packet, counted in bytes instead of time, and compared with that of JSON.</summary>
public sealed class CostTests
{
    private const int Megabyte = 1_000_000;

    private sealed record Entry(string Name, int[] Numbers, double Price);

    public static TheoryData<string> Adversaries => ["00", "90", "80", "c0", "c400", "d40000", "'a'", "81 00 00", "91 90", "c7 00 05", "8f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"];

    [Theory]
    [MemberData(nameof(Adversaries))]
    public void A_large_packet_allocates_in_proportion_to_its_bytes(string notation)
    {
        var element = Pack.Bytes(notation);
        var count = Megabyte / element.Length;
        byte[] elements = [.. Enumerable.Repeat(element, count).SelectMany(bytes => bytes)];
        byte[] arguments = [.. Pack.Bytes($"83 'type' 02 'nsp' '/' 'data' dd{count + 1:x8} 'x'"), .. elements];
        byte[] nested = [.. Pack.EventOf($"dd{count:x8}"), .. elements];

        // The worst is a list of one-digit numbers: 8 bytes for one, and as much again while the list grows.
        var decoder = Pack.Parser.CreateDecoder(Megabyte);
        decoder.TryRead(Pack.EventOf("91 90"), isBinary: true, out var packet);
        Assert.InRange(Allocation.Of(() => Assert.True(decoder.TryRead(arguments, isBinary: true, out packet))), 0, 40L * arguments.Length);
        Assert.Equal(count, packet.Arguments.Count);
        Assert.InRange(Allocation.Of(() => Assert.True(decoder.TryRead(nested, isBinary: true, out packet))), 0, 1000);
    }

    [Fact]
    public void A_usual_event_costs_a_list_of_its_arguments_and_nothing_else()
    {
        var decoder = Pack.Parser.CreateDecoder(Megabyte);
        var message = Pack.Bytes("85 'type' 02 'data' 93 'message' 'hello' 81 'a' 01 'options' 81 'compress' c3 'id' 07 'nsp' '/chat'");
        decoder.TryRead(message, isBinary: true, out _);

        var allocated = Allocation.Of(() => decoder.TryRead(message, isBinary: true, out _));

        Assert.InRange(allocated, 1, 160);
    }

    [Fact]
    public void An_encode_allocates_the_packet_and_nothing_that_grows_with_it()
    {
        foreach (var argument in new object[] { new string('a', 100_000), new byte[100_000], new Entry("n", [.. Enumerable.Range(0, 30_000)], 1.5), new List<byte[]> { new byte[] { 1 } } })
        {
            object?[] args = [argument];
            Pack.Parser.EncodeEvent("/chat", -1, "message", args);
            EncodedPacket packet = null!;
            var allocated = Allocation.Of(() => packet = Pack.Parser.EncodeEvent("/chat", -1, "message", args));
            Assert.InRange(allocated, packet.Size, packet.Size + 600);
        }
    }

    [Fact]
    public void An_encode_costs_what_json_costs()
    {
        object?[][] events = [["hello", 1, true], [new Entry("n", [1, 2, 3], 1.5)], [new byte[] { 1, 2, 3 }], [Enumerable.Range(0, 50).Select(i => new Entry($"{i}", [i], i)).ToArray()]];
        foreach (var args in events)
        {
            Assert.InRange(Cost(Pack.Parser, args), 1, Cost(Wire.Parser, args) + 100);
        }

        static long Cost(PacketParser parser, object?[] args)
        {
            parser.EncodeEvent("/", -1, "message", args);
            return Allocation.Of(() => parser.EncodeEvent("/", -1, "message", args));
        }
    }

    [Fact]
    public void Primitives_are_read_without_the_serializer()
    {
        var arguments = Pack.Decode("83 'type' 02 'nsp' '/' 'data' 95 'x' 05 c3 cb3ff8000000000000 c403010203").Arguments;
        Read();

        Assert.Equal(0, Allocation.Of(Read));

        void Read()
        {
            _ = arguments.Get<int>(0) + arguments.Get<long>(0) + arguments.Get<double>(2) + arguments.Get<ReadOnlyMemory<byte>>(3).Length;
            _ = arguments.Get<bool>(1);
        }
    }
}
