using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Recovery.Files;

/// <summary>Names the present run of the machine: what is in its memory is lost with it.</summary>
internal static partial class BootId
{
    private const string LinuxFile = "/proc/sys/kernel/random/boot_id";

    public static UInt128 Read()
    {
        var text = OperatingSystem.IsMacOS() ? ReadSystemValue("kern.bootsessionuuid") : File.ReadAllText(LinuxFile);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.Trim()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private static unsafe string ReadSystemValue(string name)
    {
        var value = stackalloc byte[128];
        nuint length = 128;
        if (SystemValue(name, value, &length, null, 0) != 0)
            throw new RecoveryUnavailableException($"The system does not tell {name}, without which a restart of the machine would go unnoticed: {Libc.Describe(Marshal.GetLastPInvokeError())}.");
        return Encoding.UTF8.GetString(value, (int)length).TrimEnd('\0');
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SystemValue(string name, byte* value, nuint* length, void* newValue, nuint newLength);
}
