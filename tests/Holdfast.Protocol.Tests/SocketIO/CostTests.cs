using System.Text;

namespace Holdfast.Protocol.Tests.SocketIO;

/// <summary>The cost of one packet, counted in steps and bytes instead of time.</summary>
public sealed class CostTests
{
    private const int Megabyte = 1_000_000;

    public static TheoryData<string, string, string> Adversaries => new()
    {
        { "[\"x\"", ",0", "]" },
        { "[\"x\"", ",[]", "]" },
        { "[\"x\"", ",{}", "]" },
        { "[\"x\"", ",{\"num\":0}", "]" },
        { "[\"x\"", ",{\"_placeholder\":false}", "]" },
        { "[\"x\"", ",{\"num\":0,\"_placeholder\":1}", "]" },
        { "[\"x\",{\"a\":0", ",\"num\":0", "}]" },
        { "[\"x\",\"", "\\u0061", "\"]" },
        { "[\"x\",", " ", "1]" },
        { "[\"x\",{\"a\":0", ",\"\\ud800\":0", "}]" },
        { "[\"x\",[", "[[[[[[[[[]]]]]]]]],", "0]]" },
        { "[\"x\",{\"", "a", "\":0}]" },
        { "[\"", "a", "\"]" },
        { "[\"x\",", "1", "]" },
    };

    [Theory]
    [MemberData(nameof(Adversaries))]
    public void A_large_packet_takes_no_more_steps_than_it_has_bytes(string start, string repeated, string end)
    {
        var json = Repeat(start, repeated, end);

        foreach (var attachments in new[] { 0, 1 })
        {
            var payload = new JsonPayload(json, attachments);
            payload.ReadArguments(0, named: true, null, out _);
            Assert.InRange(payload.Tokens, 1, json.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Adversaries))]
    public void A_large_packet_allocates_in_proportion_to_its_bytes(string start, string repeated, string end)
    {
        byte[] packet = [(byte)'2', .. Repeat(start, repeated, end)];
        var decoder = Wire.Decoder();

        var allocated = Allocation.Of(() => Assert.True(decoder.TryRead(packet, isBinary: false, out _)));

        // The worst is a list of one-digit numbers: 8 bytes for two, and as much again while the list grows.
        Assert.InRange(allocated, 0, 16L * packet.Length);
    }

    [Fact]
    public void A_usual_event_costs_a_list_of_its_arguments_and_nothing_else()
    {
        var decoder = Wire.Decoder();
        var message = Wire.Bytes("2/chat,[\"message\",\"hello\",{\"a\":1}]");

        var allocated = Allocation.Of(() => decoder.TryRead(message, isBinary: false, out _));

        Assert.InRange(allocated, 1, 120);
    }

    [Fact]
    public void An_encode_allocates_the_packet_and_nothing_that_grows_with_it()
    {
        object?[] args = [new string('a', 100_000)];
        EncodedPacket packet = null!;

        var allocated = Allocation.Of(() => packet = Wire.Parser.EncodeEvent("/chat", -1, "message", args));

        Assert.InRange(allocated, packet.Size, packet.Size + 500);
    }

    private static byte[] Repeat(string start, string repeated, string end)
    {
        var text = new StringBuilder(start, Megabyte + 100);
        while (text.Length < Megabyte)
        {
            text.Append(repeated);
        }

        return Wire.Bytes(text.Append(end).ToString());
    }
}
