using System.Buffers;

namespace Holdfast.Protocol.Tests.EngineIO;

public sealed class PollingPayloadTests
{
    private const string Sep = "\u001e";

    public static TheoryData<string[], string> Bodies => new()
    {
        { [], "" },
        { ["6"], "6" },
        { ["42[\"a\"]", "2"], $"42[\"a\"]{Sep}2" },
        { ["4é", "4😀"], $"4é{Sep}4😀" },
        { ["451-[0]|AQID"], $"451-[0]{Sep}bAQID" },
        { ["451-[0]|AQ==|", "3"], $"451-[0]{Sep}bAQ=={Sep}b{Sep}3" },
        { ["|AQI=", "2"], $"bAQI={Sep}2" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_batch_becomes_one_body(string[] packets, string body)
    {
        var batch = packets.Select(Packet).ToArray();

        Assert.Equal(body, Wire.Text(PollingPayload.Encode(batch)));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_batch_is_written_to_a_buffer_in_the_same_form(string[] packets, string body)
    {
        var output = new ArrayBufferWriter<byte>();

        PollingPayload.Write(packets.Select(Packet).ToArray(), output);

        Assert.Equal(body, Wire.Text(output.WrittenMemory));
    }

    [Theory]
    [InlineData("42[\"a\"]", 7)]
    [InlineData("4x|AQID|AQ==", 14)]
    [InlineData("|AQID", 5)]
    public void The_length_of_a_packet_is_known_before_it_is_written(string packet, int length) =>
        Assert.Equal(length, PollingPayload.LengthOf(Packet(packet)));

    [Fact]
    public void A_body_is_read_packet_by_packet()
    {
        var reader = new PollingPayloadReader(Wire.Bytes($"42[\"a\"]{Sep}bAQID{Sep}b{Sep}1"), maxPackets: 4);

        Assert.Equal(["Message:2[\"a\"]", "Message:<01 02 03>", "Message:<>", "Close:"], ReadAll(ref reader));
        Assert.False(reader.TryRead(out _));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("4a\u001e", "Message:a")]
    [InlineData("\u001e4a", "")]
    [InlineData("4a\u001e\u001e4b", "Message:a")]
    [InlineData("4a\u001ehello\u001e4b", "Message:a")]
    [InlineData("4a\u001e7\u001e4b", "Message:a")]
    [InlineData("4a\u001ebAQI\u001e4b", "Message:a")]
    [InlineData("4a\u001eb!!!!", "Message:a")]
    [InlineData("4a\u001ebAQ==AQ==", "Message:a")]
    [InlineData("4a\u001e4b\u001e4c\u001e4d\u001e4e", "Message:a Message:b Message:c Message:d")]
    public void Reading_stops_at_the_first_bad_packet(string body, string before)
    {
        var reader = new PollingPayloadReader(Wire.Bytes(body), maxPackets: 4);
        var read = new List<string>();

        Assert.Throws<ProtocolException>(() =>
        {
            while (reader.TryRead(out var packet))
            {
                read.Add(Show(packet));
            }
        });

        Assert.Equal(before, string.Join(' ', read));
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Packets_are_slices_of_the_body()
    {
        var body = Wire.Bytes($"4abc{Sep}bAQID");
        var reader = new PollingPayloadReader(body, maxPackets: 2);

        Assert.True(reader.TryRead(out var text));
        Assert.True(reader.TryRead(out var binary));
        Assert.True(body.AsSpan().Overlaps(text.Data.Span));
        Assert.True(body.AsSpan().Overlaps(binary.Data.Span));
    }

    [Fact]
    public void What_is_encoded_is_read_back()
    {
        var random = new Random(4711);
        for (var round = 0; round < 200; round++)
        {
            var batch = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomPacket(random)).ToArray();
            var reader = new PollingPayloadReader(PollingPayload.Encode(batch), maxPackets: 100);
            var expected = batch.SelectMany(packet => new[] { $"Message:{Wire.Text(packet.Text)[1..]}" }
                .Concat(packet.Attachments.Select(attachment => $"Message:<{Wire.Hex(attachment)}>")));

            Assert.Equal(expected, ReadAll(ref reader));
        }
    }

    private static EncodedPacket RandomPacket(Random random)
    {
        var attachments = Enumerable.Range(0, random.Next(0, 4)).Select(_ =>
        {
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            return (ReadOnlyMemory<byte>)bytes;
        });
        return new EncodedPacket(Wire.Bytes($"4{random.Next()}é"), [.. attachments]);
    }

    // "text|base64|base64"
    private static EncodedPacket Packet(string packet)
    {
        var parts = packet.Split('|');
        return new EncodedPacket(Wire.Bytes(parts[0]), [.. parts[1..].Select(part => (ReadOnlyMemory<byte>)Convert.FromBase64String(part))]);
    }

    private static List<string> ReadAll(ref PollingPayloadReader reader)
    {
        var all = new List<string>();
        while (reader.TryRead(out var packet))
        {
            all.Add(Show(packet));
        }

        return all;
    }

    private static string Show(EnginePacket packet) =>
        $"{packet.Type}:{(packet.IsBinary ? $"<{Wire.Hex(packet.Data)}>" : Wire.Text(packet.Data))}";
}
