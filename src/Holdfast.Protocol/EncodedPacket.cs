namespace Holdfast;

/// <summary>
/// One packet ready for the wire: the messages that a <see cref="PacketParser"/> made of it. Immutable for everybody but the log of events,
/// so that all receivers of a broadcast share it.
/// </summary>
/// <remarks>
/// It has a text message, or binary ones, or a text message and binary ones that follow it. They go out in this order, and no other packet
/// comes between them.
/// </remarks>
public sealed class EncodedPacket
{
    // The size, and in its sign whether the packet may be compressed: every emit and every answer makes one of these, so it stays as small as it can be.
    private int _sizeAndSign;

    internal EncodedPacket(ReadOnlyMemory<byte> text)
        : this(text, [])
    {
    }

    internal EncodedPacket(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte>[] attachments)
    {
        Text = text;
        Attachments = attachments;
        var size = text.Length;
        foreach (var attachment in attachments)
        {
            size = checked(size + attachment.Length);
        }

        _sizeAndSign = size;
    }

    /// <summary>The Engine.IO packet with its leading digit, which is 4 for messages; empty when there is only binary.</summary>
    internal ReadOnlyMemory<byte> Text { get; }

    /// <summary>Raw binary messages that follow the text.</summary>
    internal ReadOnlyMemory<byte>[] Attachments { get; }

    /// <summary>Where the offset starts in the first of <see cref="Text"/> and <see cref="Attachments"/>; -1: there is none.</summary>
    internal int OffsetStart { get; init; } = -1;

    /// <summary>Whether a transport that compresses may compress it. Decided before anybody shares the packet.</summary>
    internal bool Compress
    {
        get => _sizeAndSign >= 0;
        set => _sizeAndSign = value ? Size : ~Size;
    }

    /// <summary>The bytes of all messages together, which is what an outbox counts.</summary>
    public int Size => _sizeAndSign >= 0 ? _sizeAndSign : ~_sizeAndSign;

    /// <summary>The text message; empty if there is none.</summary>
    public ReadOnlyMemory<byte> TextMessage => Text.IsEmpty ? default : Text[1..];

    /// <summary>The binary messages.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> BinaryMessages => Attachments;

    /// <summary>A packet that is one text message, or starts with one.</summary>
    /// <param name="text">UTF-8; it is copied. The digit of Engine.IO is added.</param>
    /// <param name="binary">The binary messages that follow. Nobody may write to them any more.</param>
    /// <param name="offsetIndex">
    /// Where in the text the offset stands, byte for byte as <see cref="PacketParser.EncodeEvent"/> was given it; -1: nowhere.
    /// </param>
    /// <returns>The packet.</returns>
    public static EncodedPacket FromText(ReadOnlySpan<byte> text, ReadOnlySpan<ReadOnlyMemory<byte>> binary = default, int offsetIndex = -1)
    {
        var message = new byte[text.Length + 1];
        message[0] = (byte)'4';
        text.CopyTo(message.AsSpan(1));
        return new EncodedPacket(message, binary.ToArray()) { OffsetStart = offsetIndex < 0 ? -1 : offsetIndex + 1 };
    }

    /// <summary>A packet that is one binary message.</summary>
    /// <param name="message">The message. Nobody may write to it any more: it is sent, and kept, as it is.</param>
    /// <param name="offsetIndex">
    /// Where in the message the offset stands, byte for byte as <see cref="PacketParser.EncodeEvent"/> was given it; -1: nowhere.
    /// </param>
    /// <returns>The packet.</returns>
    public static EncodedPacket FromBinary(ReadOnlyMemory<byte> message, int offsetIndex = -1) =>
        new(default, [message]) { OffsetStart = offsetIndex < 0 ? -1 : offsetIndex };
}
