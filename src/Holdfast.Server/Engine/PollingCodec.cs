using System.Buffers;
using System.Text.Unicode;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// What the bodies of a polling session look like: decided by its first request, for all of its requests. Sessions of Engine.IO 4 share one, so do those of Engine.IO 3 that differ in nothing;
/// one with JSONP has its own, because the answers name a function of its page. Everything above sees packets only.
/// </summary>
internal sealed class PollingCodec
{
    private const string Text = "text/plain; charset=UTF-8";
    private const string Bytes = "application/octet-stream";
    private const string Script = "text/javascript; charset=UTF-8";

    private static readonly PollingCodec Four = new(isThree: false, takesBytes: false, function: null);
    private static readonly PollingCodec Three = new(isThree: true, takesBytes: true, function: null);
    private static readonly PollingCodec ThreeAsText = new(isThree: true, takesBytes: false, function: null);

    private readonly bool _isThree;
    private readonly bool _takesBytes;
    private readonly string? _function;

    private PollingCodec(bool isThree, bool takesBytes, string? function)
    {
        _isThree = isThree;
        _takesBytes = takesBytes;
        _function = function;
    }

    /// <summary>Whether the bodies travel in scripts and forms.</summary>
    public bool IsJsonp => _function is not null;

    /// <summary>Whether the client may send bytes that are no text.</summary>
    public bool ReadsBytes => _isThree && !IsJsonp;

    /// <param name="revision">The protocol's.</param>
    /// <param name="base64">The client can't read bytes.</param>
    /// <param name="function">The number of a function of the page, for JSONP.</param>
    public static PollingCodec Of(int revision, bool base64, string? function)
    {
        if (function is not null)
        {
            return new PollingCodec(revision == 3, takesBytes: false, function);
        }

        return revision == 3 ? base64 ? ThreeAsText : Three : Four;
    }

    /// <summary>A reader of a POST's packets.</summary>
    /// <exception cref="ProtocolException">The body is not what the session's client sends.</exception>
    public PollingPayloadReader Read(Memory<byte> body, bool isBytes, int maxPackets)
    {
        if (isBytes)
        {
            return new PollingPayloadReader(body, maxPackets, PayloadFormat.Framed);
        }

        var payload = IsJsonp ? Jsonp.ReadForm(body) : body;
        if (!Utf8.IsValid(payload.Span))
        {
            throw new ProtocolException("text is not UTF-8");
        }

        return new PollingPayloadReader(payload, maxPackets, _isThree ? PayloadFormat.Counted : PayloadFormat.Separated);
    }

    /// <summary>What a poll's body with these packets will be.</summary>
    public Answer Measure(ReadOnlySpan<EncodedPacket> batch)
    {
        var format = FormatFor(batch);
        var length = format == PayloadFormat.Separated ? batch.Length - 1 : 0;
        foreach (var packet in batch)
        {
            length = checked(length + format switch
            {
                PayloadFormat.Separated => PollingPayload.LengthOf(packet),
                PayloadFormat.Counted => CountedPayload.LengthOf(packet),
                _ => FramedPayload.LengthOf(packet),
            });
        }

        if (_function is null)
        {
            return new Answer(format == PayloadFormat.Framed ? Bytes : Text, length, format, null);
        }

        // Its length is known when the escapes are.
        var payload = new ArrayBufferWriter<byte>(length);
        Write(batch, format, payload);
        var script = new ArrayBufferWriter<byte>(length + (length / 4) + 32);
        Jsonp.WriteScript(_function, payload.WrittenSpan, script);
        return new Answer(Script, script.WrittenCount, format, script.WrittenMemory);
    }

    public static void Write(ReadOnlySpan<EncodedPacket> batch, in Answer answer, IBufferWriter<byte> output)
    {
        if (answer.Script is { } script)
        {
            output.Write(script.Span);
        }
        else
        {
            Write(batch, answer.Format, output);
        }
    }

    private static void Write(ReadOnlySpan<EncodedPacket> batch, PayloadFormat format, IBufferWriter<byte> output)
    {
        switch (format)
        {
            case PayloadFormat.Separated:
                PollingPayload.Write(batch, output);
                break;
            case PayloadFormat.Counted:
                CountedPayload.Write(batch, output);
                break;
            default:
                FramedPayload.Write(batch, output);
                break;
        }
    }

    private PayloadFormat FormatFor(ReadOnlySpan<EncodedPacket> batch)
    {
        if (!_isThree)
        {
            return PayloadFormat.Separated;
        }

        if (_takesBytes)
        {
            foreach (var packet in batch)
            {
                if (packet.Attachments.Length > 0)
                {
                    return PayloadFormat.Framed;
                }
            }
        }

        return PayloadFormat.Counted;
    }

    /// <summary>What a body will be, so that its headers can go first.</summary>
    public readonly record struct Answer(string ContentType, int Length, PayloadFormat Format, ReadOnlyMemory<byte>? Script);
}
