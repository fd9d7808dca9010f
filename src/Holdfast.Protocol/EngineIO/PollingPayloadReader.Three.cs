using System.Text;

namespace Holdfast.Protocol;

// The two formats of Engine.IO 3. A length is what the peer claims: it is compared with what is there before anything is done with it.
internal partial struct PollingPayloadReader
{
    /// <summary>As many as the largest body's length has.</summary>
    private const int MaxDigits = 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary><c>5:42[1]</c>, the length in UTF-16 units.</summary>
    private EnginePacket ReadCounted()
    {
        var bytes = _rest.Span;
        long units = 0;
        var at = 0;
        for (; at < bytes.Length && bytes[at] != ':'; at++)
        {
            units = AddDigit(units, bytes[at] - '0', at);
        }

        if (at == 0 || at == bytes.Length)
        {
            throw new ProtocolException("no length in front of a packet");
        }

        var text = _rest[(at + 1)..];
        var length = BytesOf(text.Span, units);
        _rest = text[length..];
        return EnginePacket.ReadTextOfThree(text[..length]);
    }

    /// <summary>How many bytes of valid UTF-8 the units take.</summary>
    private static int BytesOf(ReadOnlySpan<byte> text, long units)
    {
        // A unit takes one byte at least: this ends before anything is counted.
        if (units > text.Length)
        {
            throw new ProtocolException("a packet is shorter than its length");
        }

        var at = 0;
        while (units > 0 && at < text.Length)
        {
            // The first byte of a character says how many follow; those of four are two units.
            var width = text[at] switch { < 0x80 => 1, < 0xe0 => 2, < 0xf0 => 3, _ => 4 };
            units -= width == 4 ? 2 : 1;
            at += width;
        }

        if (units != 0)
        {
            throw new ProtocolException(units > 0 ? "a packet is shorter than its length" : "a length ends inside a character");
        }

        return at;
    }

    /// <summary><c>00 05 ff ...</c> or <c>01 05 ff 04 ...</c>, the length in bytes.</summary>
    private EnginePacket ReadFramed()
    {
        var bytes = _rest.Span;
        var kind = bytes.IsEmpty ? byte.MaxValue : bytes[0];
        if (kind > FramedPayload.BinaryKind)
        {
            throw new ProtocolException("a packet is neither text nor binary");
        }

        long length = 0;
        var at = 1;
        for (; at < bytes.Length && bytes[at] != FramedPayload.EndOfLength; at++)
        {
            length = AddDigit(length, bytes[at], at - 1);
        }

        if (at == 1 || at == bytes.Length)
        {
            throw new ProtocolException("no length in front of a packet");
        }

        var rest = _rest[(at + 1)..];
        if (length > rest.Length)
        {
            throw new ProtocolException("a packet is shorter than its length");
        }

        _rest = rest[(int)length..];
        var packet = rest[..(int)length];
        if (kind == FramedPayload.BinaryKind)
        {
            return EnginePacket.ReadBinaryOfThree(packet);
        }

        // The body is not text as a whole, so this packet has to show that it is.
        try
        {
            Strict.GetCharCount(packet.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("text is not UTF-8");
        }

        return EnginePacket.ReadTextOfThree(packet);
    }

    private static long AddDigit(long number, int digit, int before)
    {
        if ((uint)digit > 9 || before == MaxDigits)
        {
            throw new ProtocolException("a packet's length is no number");
        }

        return (number * 10) + digit;
    }
}
