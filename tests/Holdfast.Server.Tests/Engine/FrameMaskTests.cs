using System.Numerics;
using Holdfast.Engine;

namespace Holdfast.Server.Tests.Engine;

public class FrameMaskTests
{
    private static readonly byte[] Mask = [0x11, 0xa2, 0x3b, 0xf4];

    [Fact]
    public void All_lengths_at_all_phases_of_the_mask_are_what_a_loop_over_the_bytes_makes_of_them()
    {
        var random = new Random(1);
        var source = new byte[(Vector<byte>.Count * 3) + 9];
        random.NextBytes(source);
        for (var phase = 0; phase < 4; phase++)
        {
            for (var length = 0; length <= source.Length; length++)
            {
                var expected = new byte[source.Length + 1];
                for (var i = 0; i < length; i++)
                {
                    expected[i] = (byte)(source[i] ^ Mask[(phase + i) % 4]);
                }

                var destination = new byte[source.Length + 1];
                var next = FrameMask.Remove(source.AsSpan(0, length), destination, MaskAt(phase));

                Assert.Equal(expected, destination); // and nothing behind the last byte
                Assert.Equal(MaskAt(phase + length), next);
            }
        }
    }

    [Fact]
    public void It_goes_on_where_it_stopped_wherever_the_payload_is_cut()
    {
        var random = new Random(2);
        var source = new byte[1000];
        random.NextBytes(source);
        var whole = new byte[source.Length];
        FrameMask.Remove(source, whole, MaskAt(0));
        for (var run = 0; run < 500; run++)
        {
            var pieces = new byte[source.Length];
            var mask = MaskAt(0);
            for (var at = 0; at < source.Length;)
            {
                var length = Math.Min(random.Next(0, 90), source.Length - at);
                mask = FrameMask.Remove(source.AsSpan(at, length), pieces.AsSpan(at), mask);
                at += length;
            }

            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public void A_place_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameMask.Remove(new byte[5], new byte[4], 0));

    private static uint MaskAt(int phase)
    {
        var mask = 0u;
        for (var i = 3; i >= 0; i--)
        {
            mask = (mask << 8) | Mask[(phase + i) % 4];
        }

        return mask;
    }
}
