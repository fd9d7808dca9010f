using System.Text;

namespace Holdfast;

/// <summary>One message of an Engine.IO session.</summary>
/// <param name="Data">The bytes; of a text message, valid UTF-8. The receiver may keep them.</param>
/// <param name="IsBinary">Whether it is binary rather than text.</param>
public readonly record struct EngineMessage(ReadOnlyMemory<byte> Data, bool IsBinary)
{
    /// <summary>The bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span);

    internal EncodedPacket Encode()
    {
        if (IsBinary)
        {
            return new EncodedPacket(default, [Data]);
        }

        var packet = new byte[1 + Data.Length];
        packet[0] = (byte)'4';
        Data.Span.CopyTo(packet.AsSpan(1));
        return new EncodedPacket(packet);
    }
}
