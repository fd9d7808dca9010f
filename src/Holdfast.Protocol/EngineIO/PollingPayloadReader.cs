namespace Holdfast.Protocol;

/// <summary>
/// Reads the body of a POST packet by packet, so that what stands before a bad packet is handled and nothing behind it is. The packets
/// are slices of the body: base64 is decoded in place, which is why the reader must own the array. Keep one copy of this struct.
/// </summary>
/// <param name="body">The whole body; it is overwritten. Of a format that is text, it must be valid UTF-8.</param>
/// <param name="maxPackets">How many packets one body may hold. Bytes alone would allow one packet for every two of them.</param>
/// <param name="format">How the packets are put together.</param>
internal partial struct PollingPayloadReader(Memory<byte> body, int maxPackets, PayloadFormat format = PayloadFormat.Separated)
{
    private Memory<byte> _rest = body;
    private int _left = maxPackets;
    private bool _atEnd;

    /// <summary>Reads the next packet; false at the end of the body.</summary>
    /// <exception cref="ProtocolException">
    /// The packet is empty, of no known type or no base64, its length is not that of what follows, or there are too many of them. Nothing after it can be read.
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

        if (format != PayloadFormat.Separated)
        {
            packet = format == PayloadFormat.Counted ? ReadCounted() : ReadFramed();
            _atEnd = _rest.IsEmpty;
            return true;
        }

        var separator = _rest.Span.IndexOf(PollingPayload.Separator);
        var current = separator < 0 ? _rest : _rest[..separator];
        packet = current.Span is [(byte)'b', ..] ? EnginePacket.ReadBase64(current[1..]) : EnginePacket.ReadText(current);
        _atEnd = separator < 0;
        _rest = _atEnd ? default : _rest[(separator + 1)..];
        return true;
    }
}
