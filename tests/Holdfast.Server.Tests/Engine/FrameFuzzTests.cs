using System.Net.WebSockets;
using System.Text;
using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>
/// Streams of random frames, valid and broken, mean the same to our own frames as to the platform's WebSocket. Where the two differ on purpose the streams leave it out, and other tests say what holds: we accept the
/// close statuses 1012 to 1014, which were registered after the RFC, and check the text of a message when it is complete. Where one of the two refuses a few bytes earlier, these bytes are added.
/// </summary>
public class FrameFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_streams_mean_what_they_mean_to_the_platform(int seed)
    {
        var random = new Random(seed);
        var outcomes = new Dictionary<string, int>();
        for (var run = 0; run < 1500; run++)
        {
            var stream = RandomStream(random);

            var expected = await ReadByPlatformAsync(stream);
            var actual = await ReadByFramesAsync(stream, random);
            if (expected[^1] == "end" && actual[^1] == "refused")
            {
                // We refuse a head by its first two bytes, the platform when all of it has come.
                expected = await ReadByPlatformAsync([.. stream, .. new byte[FrameHeader.MaxSize]]);
            }
            else if (expected[^1] == "refused" && actual[^1] == "end")
            {
                // The platform refuses a close frame of one byte by its head, we when it has come.
                actual = await ReadByFramesAsync([.. stream, 0], random);
            }

            Assert.True(expected.SequenceEqual(actual), $"run {run}: {Convert.ToHexString(stream)}\n{string.Join(' ', expected)}\n{string.Join(' ', actual)}");
            outcomes[expected[^1]] = outcomes.GetValueOrDefault(expected[^1]) + 1;
        }

        // All ends have been met often, or the streams say nothing.
        Assert.Equal(["closed", "end", "refused"], outcomes.Keys.Order(StringComparer.Ordinal));
        Assert.All(outcomes.Values, count => Assert.True(count > 50));
    }

    private static async Task<List<string>> ReadByFramesAsync(byte[] stream, Random random)
    {
        using var line = new FrameLine(segment: random.Next(3) == 0 ? random.Next(1, 50) : 0);
        var read = new List<string>();
        for (var at = 0; at < stream.Length;)
        {
            var length = Math.Min(random.Next(1, 400), stream.Length - at);
            line.Send(stream[at..(at + length)]);
            at += length;
            read.AddRange(await line.ReadAsync());
            if (read[^1] != "waits")
            {
                break;
            }

            read.RemoveAt(read.Count - 1);
        }

        if (read.Count == 0 || read[^1][1] == ':')
        {
            line.End();
            read.AddRange(await line.ReadAsync());
        }

        read[^1] = read[^1].StartsWith("10", StringComparison.Ordinal) ? "refused" : read[^1];
        return read;
    }

    private static async Task<List<string>> ReadByPlatformAsync(byte[] stream)
    {
        using var socket = WebSocket.CreateFromStream(new OneWay(stream), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        var read = new List<string>();
        var buffer = new byte[4096];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            try
            {
                do
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).Within();
                    length += received.Count;
                }
                while (!received.EndOfMessage);
            }
            catch (WebSocketException exception)
            {
                return [.. read, exception.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely ? "end" : "refused"];
            }

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return [.. read, "closed"];
            }

            read.Add(received.MessageType == WebSocketMessageType.Text ? "t:" + Encoding.UTF8.GetString(buffer, 0, length) : "b:" + Convert.ToHexString(buffer, 0, length));
        }
    }

    private static byte[] RandomStream(Random random)
    {
        var stream = new List<byte>();
        var inMessage = false;
        var isText = false;
        for (var frames = random.Next(1, 12); frames > 0; frames--)
        {
            var kind = random.Next(40);
            switch (kind)
            {
                case 0: // any head, often a broken one
                    stream.AddRange(FrameLine.Frame(random.Next(256), RandomPayload(random, isText: true)));
                    break;
                case 1: // noise
                    var noise = new byte[random.Next(1, 20)];
                    random.NextBytes(noise);
                    stream.AddRange(noise);
                    break;
                case 2: // no mask
                    stream.AddRange([0x81, 1, (byte)'x']);
                    break;
                case 3:
                    stream.AddRange(FrameLine.Frame(0x88, RandomClose(random)));
                    break;
                case 4 when !inMessage: // not text
                    stream.AddRange(FrameLine.Frame(0x81, [.. RandomPayload(random, isText: true), 0xff]));
                    break;
                case < 12:
                    stream.AddRange(FrameLine.Frame(random.Next(2) == 0 ? 0x89 : 0x8a, RandomPayload(random, isText: true)[..^0].Take(random.Next(126)).ToArray()));
                    break;
                default:
                    var isLast = random.Next(3) != 0;
                    isText = inMessage ? isText : random.Next(2) == 0;
                    var opcode = inMessage ? 0 : isText ? 1 : 2;
                    stream.AddRange(FrameLine.Frame((isLast ? 0x80 : 0) | opcode, RandomPayload(random, isText), random.Next(20) == 0 ? 8 : -1));
                    inMessage = !isLast;
                    break;
            }
        }

        return random.Next(4) == 0 ? [.. stream.Take(random.Next(1, stream.Count + 1))] : [.. stream];
    }

    private static byte[] RandomPayload(Random random, bool isText)
    {
        var length = random.Next(4) switch { 0 => 0, 1 => random.Next(130), _ => random.Next(20) };
        if (isText)
        {
            return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(5) == 0 ? "\u20ac" : "x")));
        }

        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] RandomClose(Random random)
    {
        var status = random.Next(3) == 0 ? random.Next(900, 5100) : random.Next(996, 1012);
        if (status is >= 1012 and <= 1014)
        {
            status = 1000;
        }

        return random.Next(4) switch
        {
            0 => [],
            1 => [3],
            2 => [(byte)(status >> 8), (byte)status],
            _ => [(byte)(status >> 8), (byte)status, .. "bye"u8],
        };
    }

    /// <summary>Reads what a client has sent and swallows what is written to it.</summary>
    private sealed class OneWay(byte[] stream) : MemoryStream(stream, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
