using System.Runtime.InteropServices;

namespace Holdfast.Protocol;

/// <summary>
/// Messages are slices of what was read, and a small slice of a large polling body keeps the whole body in memory. What is kept for longer than its handling gets bytes of its own then,
/// so that the bytes that are counted are those that are held.
/// </summary>
internal static class OwnBytes
{
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> message) =>
        MemoryMarshal.TryGetArray(message, out var segment) && segment.Array!.Length / 2 > segment.Count ? message.ToArray() : message;

    /// <summary>How many bytes they are, together.</summary>
    public static long Count(ReadOnlyMemory<byte>[] attachments)
    {
        var count = 0L;
        foreach (var attachment in attachments)
        {
            count += attachment.Length;
        }

        return count;
    }
}
