using System.Text.Json;

namespace Holdfast.Protocol.Tests.SocketIO;

/// <summary>Random and damaged messages from fixed seeds. The only exception that may come out is the one that ends a connection.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Seeds =
    [
        "0", "0/chat,{\"token\":\"t\"}", "1", "1/chat,", "2[\"x\"]", "2/chat,17[\"message\",{\"a\":[1,2.5,null,true,\"\\u00e9😀\"]}]", "313[\"a\",1]",
        "4{\"message\":\"no\"}", "52-[\"x\",{\"_placeholder\":true,\"num\":0},{\"num\":1,\"_placeholder\":true}]", "61-7[{\"_placeholder\":true,\"num\":0}]",
    ];

    private static readonly string[] Fragments =
    [
        "\"", "\\", "[", "]", "{", "}", ",", "-", "/", "0", "9", "1e9", "null", "true", "_placeholder", "\"num\":", "connect", "\u001e", "\\ud800", "é", "",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_packets_end_in_a_protocol_exception_or_are_packets(int seed)
    {
        var random = new Random(seed);
        var decoder = Wire.Decoder(maxBytes: 500);
        for (var round = 0; round < 20_000; round++)
        {
            var isBinary = random.Next(5) == 0;
            var message = isBinary ? RandomBytes(random, 60) : Damage(random, Seeds[random.Next(Seeds.Length)]);
            try
            {
                if (decoder.TryRead(message, isBinary, out var packet))
                {
                    Use(packet);
                }
            }
            catch (ProtocolException)
            {
                decoder = Wire.Decoder(maxBytes: 500);
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_payloads_end_in_a_protocol_exception_or_are_packets(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var reader = new PollingPayloadReader(Damage(random, "4a\u001ebAQID\u001e2probe"), maxPackets: 10);
            try
            {
                while (reader.TryRead(out var packet))
                {
                    Assert.InRange(packet.Type, EnginePacketType.Open, EnginePacketType.Noop);
                }
            }
            catch (ProtocolException)
            {
                Assert.False(reader.TryRead(out _));
            }
        }
    }

    /// <summary>Whatever has been decoded can be read or refused, and passed on or refused.</summary>
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
            TryGet<JsonElement>(argument);
            TryGet<Dictionary<string, EventArgument>>(argument);
        }

        try
        {
            Wire.Event([.. arguments.Select(object? (argument) => argument)]);
            Wire.Event([.. arguments.Select(object? (argument) => argument), new byte[] { 1 }]);
        }
        catch (ArgumentException)
        {
            // A forged placeholder beside binary values.
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

    private static byte[] Damage(Random random, string seed)
    {
        var text = seed;
        for (var times = random.Next(4); times > 0; times--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(3) switch
            {
                0 => text.Insert(at, Fragments[random.Next(Fragments.Length)]),
                1 => text.Remove(at),
                _ => text[..at] + text[random.Next(at, text.Length)..],
            };
        }

        var bytes = Wire.Bytes(text);
        if (bytes.Length > 0 && random.Next(4) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static byte[] RandomBytes(Random random, int max)
    {
        var bytes = new byte[random.Next(max)];
        random.NextBytes(bytes);
        return bytes;
    }
}
