using Holdfast.Recovery.Files;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.ChaosServer;

/// <summary>A disk that is full as long as a file of that name is there. What is written then is not taken, or only its beginning is.</summary>
internal sealed class FullDisk(string sign)
{
    private const int NoSpace = 28; // ENOSPC

    public int Append(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        if (!File.Exists(sign))
            return Libc.Append(file, bytes);
        var room = Random.Shared.Next(2) == 0 ? 0 : Random.Shared.Next(bytes.Length);
        return room == 0 ? -NoSpace : Libc.Append(file, bytes[..room]);
    }
}
