using System.Buffers;
using System.Buffers.Text;

namespace Holdfast.Protocol;

/// <summary>
/// Reads the body of a POST packet by packet, so that what stands before a bad packet is handled and nothing behind it is. The packets
/// are slices of the body: base64 is decoded in place, which is why the reader must own the array. Keep one copy of this struct.
/// </summary>
/// <param name="body">The whole body; it is overwritten.</param>
/// <param name="maxPackets">How many packets one body may hold. Bytes alone would allow one packet for every two of them.</param>
internal struct PollingPayloadReader(Memory<byte> body, int maxPackets)
{
    private Memory<byte> _rest = body;
    private int _left = maxPackets;
    private bool _atEnd;

    /// <summary>Reads the next packet; false at the end of the body.</summary>
    /// <exception cref="ProtocolException">
    /// The packet is empty, of no known type or no base64, or there are too many of them. Nothing after it can be read.
    /// </exception>
    public bool TryRead(out EnginePacket packet)
    {
        if (_atEnd)
        {
            packet = default;
            return false;
        }

        _atEnd = true; // until this packet has proved to be good: an exception ends the payload
        if (_left-- <= 0)
        {
            throw new ProtocolException("too many packets in one payload");
        }

        var separator = _rest.Span.IndexOf(PollingPayload.Separator);
        var current = separator < 0 ? _rest : _rest[..separator];
        packet = current.Span is [(byte)'b', ..] ? ReadBase64(current[1..]) : EnginePacket.ReadText(current);
        _atEnd = separator < 0;
        _rest = _atEnd ? default : _rest[(separator + 1)..];
        return true;
    }

    private static EnginePacket ReadBase64(Memory<byte> text)
    {
        // A binary packet may be empty: `b` alone is an attachment of no bytes.
        if (Base64.DecodeFromUtf8InPlace(text.Span, out var length) != OperationStatus.Done)
        {
            throw new ProtocolException("invalid base64");
        }

        return EnginePacket.Binary(text[..length]);
    }
}
