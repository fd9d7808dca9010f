using BenchmarkDotNet.Attributes;
using Holdfast.Protocol;

namespace Holdfast.Benchmarks;

/// <summary>One packet between its bytes and what it says. The argument is a text of 128 characters.</summary>
public class Codecs
{
    private const int PacketsOfBody = 10;

    private readonly JsonPacketParser _json = new();
    private readonly MessagePackParser _messagePack = new();
    private readonly object?[] _arguments = [new string('x', 128)];
    private readonly EncodedPacket[] _batch = new EncodedPacket[PacketsOfBody];
    private PacketDecoder _jsonDecoder = null!;
    private PacketDecoder _messagePackDecoder = null!;
    private byte[] _frame = [];
    private ReadOnlyMemory<byte> _text;
    private ReadOnlyMemory<byte> _binary;
    private byte[] _body = [];

    [GlobalSetup]
    public void SetUp()
    {
        _jsonDecoder = _json.CreateDecoder(1_000_000);
        _messagePackDecoder = _messagePack.CreateDecoder(1_000_000);
        var packet = EncodeJson();
        _frame = packet.Text.ToArray();
        _text = packet.TextMessage;
        _binary = EncodeMessagePack().Attachments[0];
        Array.Fill(_batch, packet);
        _body = PollingPayload.Encode(_batch);
    }

    [Benchmark(Description = "Engine.IO: read a frame")]
    public int ReadFrame() => EnginePacket.ReadText(_frame).Data.Length;

    [Benchmark(Description = "polling: write a body of 10")]
    public byte[] WriteBody() => PollingPayload.Encode(_batch);

    [Benchmark(Description = "polling: read a body of 10")]
    public int ReadBody()
    {
        var reader = new PollingPayloadReader(_body, PacketsOfBody);
        var count = 0;
        while (reader.TryRead(out _))
            count++;
        return count;
    }

    [Benchmark(Description = "JSON: encode an event")]
    public EncodedPacket EncodeJson() => _json.EncodeEvent("/", -1, "message", _arguments);

    [Benchmark(Description = "JSON: decode an event")]
    public string? DecodeJson()
    {
        _jsonDecoder.TryRead(_text, isBinary: false, out var packet);
        return packet.EventName;
    }

    [Benchmark(Description = "JSON: encode an ack")]
    public EncodedPacket EncodeAck() => _json.EncodeAck("/", 7, _arguments);

    [Benchmark(Description = "MessagePack: encode an event")]
    public EncodedPacket EncodeMessagePack() => _messagePack.EncodeEvent("/", -1, "message", _arguments);

    [Benchmark(Description = "MessagePack: decode an event")]
    public string? DecodeMessagePack()
    {
        _messagePackDecoder.TryRead(_binary, isBinary: true, out var packet);
        return packet.EventName;
    }
}
