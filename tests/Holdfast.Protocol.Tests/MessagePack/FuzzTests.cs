using System.Text.Json;

namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>Random and damaged messages from fixed seeds. The only exception that may come out is the one that ends a connection.</summary>
public sealed class FuzzTests
{
    private static readonly byte[][] Seeds =
    [
        Pack.Bytes("82 'type' 00 'nsp' '/'"),
        Pack.Bytes("83 'type' 00 'data' 81 'token' 'T' 'nsp' '/chat'"),
        Pack.Bytes("82 'type' 01 'nsp' '/chat'"),
        Pack.Bytes("85 'type' 02 'data' 93 'hello' 01 c403010203 'options' 81 'compress' c3 'id' 07 'nsp' '/'"),
        Pack.Bytes("83 'type' 02 'nsp' '/' 'data' 96 'x' 82 01 91 cb3ff8000000000000 'b' 82 '_placeholder' c3 'num' 00 d7000000018bcfe56800 d6ff655409e0 d40000 dc0002 d50501 02 c2"),
        Pack.Bytes("84 'type' 03 'id' 00 'data' 93 'é😀' ca3dcccccd cfffffffffffffffff 'nsp' '/'"),
        Pack.Bytes("83 'type' 04 'data' 81 'message' 'no' 'nsp' '/'"),
    ];

    private static readonly string[] Fragments =
    [
        "c1", "90", "80", "91", "81", "df00000001", "dd00000002", "dbffffffff", "c6ffffffff", "d40000", "d70000000000000000ff", "c70cff00000000fffffff1886e0900", "'_placeholder' c3",
        "'num' 00", "c40107", "cb7ff8000000000000", "'type'", "'data'", "'nsp'", "'id'", "'connect'", "a1ff", "00", "ff",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_packets_end_in_a_protocol_exception_or_are_packets(int seed)
    {
        var random = new Random(seed);
        var decoder = Pack.Parser.CreateDecoder(1000);
        var packets = 0;
        for (var round = 0; round < 20_000; round++)
        {
            packets += Try(decoder, Damage(random, Seeds[random.Next(Seeds.Length)]));
        }

        Assert.InRange(packets, 2000, 19_000); // damage that destroys everything, or nothing, would show nothing
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_values_in_a_whole_packet_end_in_a_protocol_exception_or_are_values(int seed)
    {
        var random = new Random(seed);
        var decoder = Pack.Parser.CreateDecoder(1000);
        var packets = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var value = new byte[random.Next(1, 40)];
            random.NextBytes(value);
            packets += Try(decoder, [.. Pack.EventOf(""), .. value]);
            packets += Try(decoder, value);
        }

        Assert.InRange(packets, 100, 19_000);
    }

    private static int Try(PacketDecoder decoder, byte[] message)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Packet packet;
        try
        {
            decoder.TryRead(message, isBinary: true, out packet);
        }
        catch (ProtocolException)
        {
            return 0;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000);
        }

        Use(packet);
        return 1;
    }

    /// <summary>Whatever has been decoded can be read or refused, and passed on or refused, in both formats.</summary>
    private static void Use(Packet packet)
    {
        EventArgument[] arguments = [.. packet.Arguments, packet.Payload];
        foreach (var argument in arguments)
        {
            _ = argument.IsNull;
            _ = argument.ToString();
            TryGet<int>(argument);
            TryGet<string>(argument);
            TryGet<byte[]>(argument);
            TryGet<object>(argument);
            TryGet<DateTime>(argument);
            TryGet<JsonElement>(argument);
            TryGet<Dictionary<string, EventArgument>>(argument);
        }

        object?[] all = [.. arguments.Select(object? (argument) => argument)];
        var again = Pack.Decode(Pack.Event(all));
        Assert.Equal(arguments.Select(argument => argument.ToString()), again.Arguments.Select(argument => argument.ToString()));
        try
        {
            Wire.Event(all);
            Wire.Event([.. all, new byte[] { 1 }]);
        }
        catch (ArgumentException)
        {
            // A forged placeholder beside binary values, or more of them than ten.
        }
    }

    private static void TryGet<T>(EventArgument argument)
    {
        try
        {
            argument.Get<T>();
        }
        catch (EventArgumentException)
        {
        }
    }

    private static byte[] Damage(Random random, byte[] seed)
    {
        List<byte> bytes = [.. seed];
        for (var times = random.Next(4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.InsertRange(at, Pack.Bytes(Fragments[random.Next(Fragments.Length)]));
                    break;
                case 1:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(4, bytes.Count - at + 1)));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}
