using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Recovery.Files;

/// <summary>Writes bytes behind everything that is in a file. Returns how many of them, or the negative number of the error.</summary>
internal delegate int AppendCall(SafeFileHandle file, ReadOnlySpan<byte> bytes);

/// <summary>
/// The calls that the runtime does not offer: O_APPEND (its own <c>FileMode.Append</c> only seeks to the end once), and locks and links that other processes see. No call here takes a variable
/// list of arguments, so files are created by the runtime: on some machines such arguments travel in another way.
/// </summary>
internal static partial class Libc
{
    public const int Eexist = 17;
    public const int Enoent = 2;
    private const int Eintr = 4;

    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    private static readonly int s_append = OperatingSystem.IsMacOS() ? 0x8 : 0x400;
    private static readonly int s_closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>An existing file, for reading anywhere and for writing at its end. The error: zero if there is none.</summary>
    public static SafeFileHandle OpenForAppend(string path, out int error) => Open(path, ReadWrite | s_append, out error);

    /// <summary>A folder, or a file that is only to be locked.</summary>
    public static SafeFileHandle OpenForReading(string path, out int error) => Open(path, ReadOnly, out error);

    public static unsafe int Append(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            while (true)
            {
                var written = Write(file, first, (nuint)bytes.Length);
                if (written >= 0)
                    return (int)written;
                var error = Marshal.GetLastPInvokeError();
                if (error != Eintr)
                    return -error;
            }
        }
    }

    /// <summary>Takes the lock that ends with the process, however it ends. Zero, or the error.</summary>
    public static int Lock(SafeFileHandle file) => Flock(file, LockExclusive | LockNonBlocking) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Whether somebody has it. Any number may look at once without taking each other for the owner.</summary>
    public static bool IsLocked(SafeFileHandle file) => Flock(file, LockShared | LockNonBlocking) != 0;

    /// <summary>Gives a file a second name, if nothing has it yet. Zero, or the error.</summary>
    public static int Link(string path, string name) => LinkCall(path, name) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Forces what is in a file, or the names in a folder, onto the disk. The runtime's own call keeps most errors to itself, but on macOS it is the one that empties the disk's cache, too.</summary>
    /// <exception cref="IOException">The disk has failed.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (OperatingSystem.IsMacOS())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        while (Fsync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Eintr)
                throw new IOException(Describe(error));
        }
    }

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static SafeFileHandle Open(string path, int flags, out int error)
    {
        while (true)
        {
            var file = OpenCall(path, flags | s_closeOnExec);
            error = file.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
            if (error != Eintr)
                return file;
            file.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(SafeFileHandle file, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkCall(string path, string name);
}
