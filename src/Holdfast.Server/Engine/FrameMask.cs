using System.Buffers.Binary;
using System.Numerics;

namespace Holdfast.Engine;

/// <summary>Takes the mask off what a client sent (RFC 6455, section 5.3): each byte is combined with one of the mask's four, in turn.</summary>
internal static class FrameMask
{
    /// <summary>Copies without the mask.</summary>
    /// <param name="source">What was sent.</param>
    /// <param name="destination">At least as long.</param>
    /// <param name="mask">The mask, its next byte in the lowest bits.</param>
    /// <returns>The mask for the byte behind the last one.</returns>
    public static uint Remove(ReadOnlySpan<byte> source, Span<byte> destination, uint mask)
    {
        destination = destination[..source.Length];
        var at = 0;
        if (source.Length >= Vector<byte>.Count)
        {
            // A vector is a multiple of four bytes, so the mask fits in its place again and again.
            var wide = Vector.AsVectorByte(new Vector<uint>(BitConverter.IsLittleEndian ? mask : BinaryPrimitives.ReverseEndianness(mask)));
            for (; at <= source.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            {
                (new Vector<byte>(source[at..]) ^ wide).CopyTo(destination[at..]);
            }
        }

        for (; at <= source.Length - sizeof(uint); at += sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                destination[at..], BinaryPrimitives.ReadUInt32LittleEndian(source[at..]) ^ mask);
        }

        for (; at < source.Length; at++)
        {
            destination[at] = (byte)(source[at] ^ mask);
            mask = BitOperations.RotateRight(mask, 8);
        }

        return mask;
    }
}
