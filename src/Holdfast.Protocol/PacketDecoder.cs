namespace Holdfast;

/// <summary>
/// The reading side of one connection: <see cref="PacketParser.CreateDecoder"/> makes one for each. Not thread-safe, and it need not be:
/// messages arrive one at a time, in order.
/// </summary>
/// <remarks>
/// It is not told when its connection ends; it must hold nothing that has to be released. What it holds back between two messages (a packet
/// that waits for more of them) must be bounded.
/// </remarks>
public abstract class PacketDecoder
{
    /// <summary>Takes the next message.</summary>
    /// <param name="message">
    /// The message as the peer's parser made it. It belongs to the decoder from now on and is never written to again: arguments may be
    /// slices of it. It comes from the network; its length is bounded by <c>MaxHttpBufferSize</c>, and text is valid UTF-8.
    /// </param>
    /// <param name="isBinary">Whether it came as a binary message.</param>
    /// <param name="packet">The complete packet.</param>
    /// <returns>True: a packet is complete. False: the packet that the message belongs to is not complete yet.</returns>
    /// <exception cref="ProtocolException">
    /// The message breaks the protocol. The connection is closed, and nothing more is read from it. Every other exception also closes the
    /// connection, but is logged as a fault of the parser.
    /// </exception>
    public abstract bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet);
}
