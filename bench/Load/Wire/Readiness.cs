using System.Runtime.InteropServices;

namespace Holdfast.Load.Wire;

/// <summary>What epoll writes about a descriptor. Its layout differs: 12 bytes on x86-64, 16 on every other processor.</summary>
internal static unsafe class Readiness
{
    public static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_data = Size - 8;

    public static void Write(byte* at, uint events, int slot)
    {
        *(uint*)at = events;
        *(long*)(at + s_data) = slot;
    }

    public static uint Events(byte* at) => *(uint*)at;

    public static int Slot(byte* at) => (int)*(long*)(at + s_data);
}
