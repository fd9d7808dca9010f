using System.Buffers;

namespace Holdfast.Protocol.Tests.EngineIO;

public sealed class PayloadsOfThreeTests
{
    // A packet is "text|base64|base64".
    public static TheoryData<string[], string, string> Bodies => new()
    {
        { [], "", "" },
        { ["6"], "1:6", "00 01 ff 36" },
        { ["42[\"a\"]", "2"], "7:42[\"a\"]1:2", "00 07 ff 34 32 5b 22 61 22 5d 00 01 ff 32" },
        { ["4é", "4€", "4😀"], "2:4é2:4€3:4😀", "00 03 ff 34 c3 a9 00 04 ff 34 e2 82 ac 00 05 ff 34 f0 9f 98 80" },
        { ["451-[0]|AQID"], "7:451-[0]6:b4AQID", "00 07 ff 34 35 31 2d 5b 30 5d 01 04 ff 04 01 02 03" },
        { ["4|AQ==|", "3"], "1:46:b4AQ==2:b41:3", "00 01 ff 34 01 02 ff 04 01 01 01 ff 04 00 01 ff 33" },
        { ["|AAAAAAAAAAAA"], "14:b4AAAAAAAAAAAA", "01 01 00 ff 04 00 00 00 00 00 00 00 00 00" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_batch_becomes_one_body_as_text_or_as_bytes(string[] packets, string text, string bytes)
    {
        var batch = packets.Select(Packet).ToArray();
        var asText = new ArrayBufferWriter<byte>();
        var asBytes = new ArrayBufferWriter<byte>();

        CountedPayload.Write(batch, asText);
        FramedPayload.Write(batch, asBytes);

        Assert.Equal(text, Wire.Text(asText.WrittenMemory));
        Assert.Equal(bytes, Wire.Hex(asBytes.WrittenMemory));
        Assert.Equal(asText.WrittenCount, batch.Sum(CountedPayload.LengthOf));
        Assert.Equal(asBytes.WrittenCount, batch.Sum(FramedPayload.LengthOf));
    }

    [Fact]
    public void Text_and_binary_of_one_payload_are_written_and_read_as_the_original_does()
    {
        EncodedPacket[] batch = [Packet("4€€€€"), Packet("|AQID")];
        var output = new ArrayBufferWriter<byte>();
        FramedPayload.Write(batch, output);

        Assert.Equal("00 01 03 ff 34 e2 82 ac e2 82 ac e2 82 ac e2 82 ac 01 04 ff 04 01 02 03", Wire.Hex(output.WrittenMemory));
        Assert.Equal(["Message:€€€€", "Message:<01 02 03>"], ReadAll(output.WrittenSpan.ToArray(), PayloadFormat.Framed));
    }

    [Theory]
    [InlineData("2:4a", "Message:a")]
    [InlineData("2:4a1:21:1", "Message:a Ping: Close:")]
    [InlineData("6:2probe", "Ping:probe")]
    [InlineData("2:4€3:4😀4:4é😀2:4b", "Message:€ Message:😀 Message:é😀 Message:b")]
    [InlineData("6:b4AQID2:b4", "Message:<01 02 03> Message:<>")]
    [InlineData("0000000002:4a", "Message:a")]
    public void A_body_of_text_is_read_packet_by_packet(string body, string packets) =>
        Assert.Equal(packets, string.Join(' ', ReadAll(Wire.Bytes(body), PayloadFormat.Counted)));

    [Theory]
    [InlineData("")]
    [InlineData("2:4a:")]
    [InlineData("2:4a2")]
    [InlineData("2:4a3:4b")]
    [InlineData("2:4a2147483647:4")]
    [InlineData("2:4a9999999999:4")]
    [InlineData("2:4a00000000001:4")]
    [InlineData("2:4a99999999999999999999:4")]
    [InlineData("2:4a-1:4")]
    [InlineData("2:4a1e1:4bbbbbbbbb")]
    [InlineData("2:4a 2:4b")]
    [InlineData("2:4a2;4b")]
    [InlineData("2:4a0:")]
    [InlineData("2:4a2:4😀")]
    [InlineData("2:4a3:4€")]
    [InlineData("2:4a1:9")]
    [InlineData("2:4a5:hello")]
    [InlineData("2:4a5:b4AQI")]
    [InlineData("2:4a6:b2AQID")]
    [InlineData("2:4a1:b")]
    [InlineData("2:4a\u001e4b")]
    public void Reading_of_text_stops_at_the_first_bad_packet(string body) =>
        AssertStops(Wire.Bytes(body), PayloadFormat.Counted, body.Length == 0 ? [] : ["Message:a"]);

    [Theory]
    [InlineData("")]
    [InlineData("00 02 ff 34 61 00")]
    [InlineData("00 02 ff 34 61 00 02")]
    [InlineData("00 02 ff 34 61 00 ff")]
    [InlineData("00 02 ff 34 61 02 01 ff 34")]
    [InlineData("00 02 ff 34 61 30 01 ff 34")]
    [InlineData("00 02 ff 34 61 00 0a ff 34")]
    [InlineData("00 02 ff 34 61 00 03 ff 34 61")]
    [InlineData("00 02 ff 34 61 00 09 09 09 09 09 09 09 09 09 09 ff 34")]
    [InlineData("00 02 ff 34 61 00 00 00 00 00 00 00 00 00 00 00 01 ff 34")]
    [InlineData("00 02 ff 34 61 00 00 ff")]
    [InlineData("00 02 ff 34 61 01 00 ff")]
    [InlineData("00 02 ff 34 61 01 02 ff 34 61")]
    [InlineData("00 02 ff 34 61 01 01 ff 02")]
    [InlineData("00 02 ff 34 61 00 02 ff 34 ff")]
    [InlineData("00 02 ff 34 61 00 02 ff 34 c3")]
    [InlineData("00 02 ff 34 61 00 01 ff 39")]
    public void Reading_of_bytes_stops_at_the_first_bad_packet(string body) =>
        AssertStops(Unhex(body), PayloadFormat.Framed, body.Length == 0 ? [] : ["Message:a"]);

    [Theory]
    [InlineData((byte)PayloadFormat.Counted, "32 3a 34 61")]
    [InlineData((byte)PayloadFormat.Framed, "00 02 ff 34 61")]
    public void A_body_holds_so_many_packets_at_most(byte format, string packet)
    {
        var body = Unhex(string.Join(' ', Enumerable.Repeat(packet, 4)));
        var reader = new PollingPayloadReader(body, maxPackets: 3, (PayloadFormat)format);
        var read = 0;

        var refusal = Assert.Throws<ProtocolException>(() =>
        {
            for (; reader.TryRead(out _); read++)
            {
            }
        });

        Assert.Equal("too many packets in one payload", refusal.Message);
        Assert.Equal(3, read);
    }

    [Fact]
    public void Packets_are_slices_of_the_body()
    {
        var body = Wire.Bytes("4:4abc6:b4AQID");
        var reader = new PollingPayloadReader(body, maxPackets: 2, PayloadFormat.Counted);

        Assert.True(reader.TryRead(out var text));
        Assert.True(reader.TryRead(out var binary));
        Assert.True(body.AsSpan().Overlaps(text.Data.Span));
        Assert.True(body.AsSpan().Overlaps(binary.Data.Span));
    }

    [Fact]
    public void What_is_encoded_is_read_back()
    {
        var random = new Random(4711);
        string[] texts = ["", "é", "€😀", "plain", "\u001e:1:4"];
        for (var round = 0; round < 300; round++)
        {
            var batch = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new EncodedPacket(
                Wire.Bytes("4" + texts[random.Next(texts.Length)] + new string('x', random.Next(130))),
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => (ReadOnlyMemory<byte>)RandomBytes(random, 130))])).ToArray();
            var expected = batch.SelectMany(packet => new[] { $"Message:{Wire.Text(packet.Text)[1..]}" }
                .Concat(packet.Attachments.Select(attachment => $"Message:<{Wire.Hex(attachment)}>"))).ToList();
            var asText = new ArrayBufferWriter<byte>();
            var asBytes = new ArrayBufferWriter<byte>();
            CountedPayload.Write(batch, asText);
            FramedPayload.Write(batch, asBytes);

            Assert.Equal(expected, ReadAll(asText.WrittenSpan.ToArray(), PayloadFormat.Counted));
            Assert.Equal(expected, ReadAll(asBytes.WrittenSpan.ToArray(), PayloadFormat.Framed));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_payloads_end_in_a_protocol_exception_or_are_packets(int seed)
    {
        var random = new Random(seed);
        byte[][] seeds = [Wire.Bytes("2:4a3:4😀6:b4AQID1:2"), Unhex("00 02 ff 34 61 01 04 ff 04 01 02 03 00 05 ff 34 f0 9f 98 80")];
        for (var round = 0; round < 20_000; round++)
        {
            var format = random.Next(2);
            var body = (byte[])seeds[format].Clone();
            for (var times = random.Next(1, 4); times > 0 && body.Length > 0; times--)
            {
                var at = random.Next(body.Length);
                switch (random.Next(4))
                {
                    case 0:
                        body[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        body = body[..at];
                        break;
                    case 2:
                        body = [.. body[..at], .. body[random.Next(body.Length)..]];
                        break;
                    default:
                        body[at] = "0123456789:b4"u8[random.Next(13)];
                        break;
                }
            }

            // The engine hands over no text that is not UTF-8.
            if (format == 0 && !System.Text.Unicode.Utf8.IsValid(body))
            {
                continue;
            }

            var reader = new PollingPayloadReader(body, maxPackets: 10, format == 0 ? PayloadFormat.Counted : PayloadFormat.Framed);
            try
            {
                while (reader.TryRead(out var packet))
                {
                    Assert.InRange(packet.Type, EnginePacketType.Open, EnginePacketType.Noop);
                    Assert.True(packet.IsBinary || System.Text.Unicode.Utf8.IsValid(packet.Data.Span));
                }
            }
            catch (ProtocolException)
            {
                Assert.False(reader.TryRead(out _));
            }
        }
    }

    private static void AssertStops(byte[] body, PayloadFormat format, string[] before)
    {
        var reader = new PollingPayloadReader(body, maxPackets: 100, format);
        var read = new List<string>();

        Assert.Throws<ProtocolException>(() =>
        {
            while (reader.TryRead(out var packet))
            {
                read.Add(Show(packet));
            }
        });

        Assert.Equal(before, read);
        Assert.False(reader.TryRead(out _));
    }

    private static List<string> ReadAll(byte[] body, PayloadFormat format)
    {
        var reader = new PollingPayloadReader(body, maxPackets: 100, format);
        var all = new List<string>();
        while (reader.TryRead(out var packet))
        {
            all.Add(Show(packet));
        }

        return all;
    }

    private static EncodedPacket Packet(string packet)
    {
        var parts = packet.Split('|');
        return new EncodedPacket(Wire.Bytes(parts[0]), [.. parts[1..].Select(part => (ReadOnlyMemory<byte>)Convert.FromBase64String(part))]);
    }

    private static string Show(EnginePacket packet) =>
        $"{packet.Type}:{(packet.IsBinary ? $"<{Wire.Hex(packet.Data)}>" : Wire.Text(packet.Data))}";

    private static byte[] Unhex(string bytes) => Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] RandomBytes(Random random, int max)
    {
        var bytes = new byte[random.Next(max)];
        random.NextBytes(bytes);
        return bytes;
    }
}
