namespace Holdfast.Protocol;

/// <summary>
/// One packet ready for the wire: immutable, so that all receivers of a broadcast share it. The attachments follow the text, and no
/// other packet may come between them.
/// </summary>
internal sealed class EncodedPacket
{
    public EncodedPacket(ReadOnlyMemory<byte> text)
        : this(text, [])
    {
    }

    public EncodedPacket(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte>[] attachments)
    {
        Text = text;
        Attachments = attachments;
        var size = text.Length;
        foreach (var attachment in attachments)
        {
            size = checked(size + attachment.Length);
        }

        Size = size;
    }

    /// <summary>The Engine.IO packet with its leading digit, which is 4 for messages; empty when there is only binary.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>Raw binary messages that follow the text.</summary>
    public ReadOnlyMemory<byte>[] Attachments { get; }

    /// <summary>Bytes of text and attachments together: what an outbox counts.</summary>
    public int Size { get; }

    /// <summary>Whether a transport that compresses may compress it. Decided before anybody shares the packet.</summary>
    public bool Compress { get; set; } = true;
}
