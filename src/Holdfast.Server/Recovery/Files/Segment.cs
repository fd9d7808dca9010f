using Microsoft.Win32.SafeHandles;

namespace Holdfast.Recovery.Files;

/// <summary>One file of the log, open for reading anywhere and for writing at its end.</summary>
internal sealed class Segment(string path, SegmentHeader header, SafeFileHandle file, SyncWitness? witness = null) : IDisposable
{
    public string Path => path;

    public SegmentHeader Header => header;

    public long Position => header.Position;

    public SafeFileHandle File => file;

    /// <summary>How many bytes it has now.</summary>
    public long Length => RandomAccess.GetLength(file);

    /// <summary>Opens the file of that name. null: there is none.</summary>
    /// <exception cref="RecoveryUnavailableException">It can't be read; the message says why.</exception>
    public static Segment? Open(string path, long position, string applicationName, SyncWitness? witness = null)
    {
        SafeFileHandle? file = Libc.OpenForAppend(path, out var error);
        try
        {
            if (error == Libc.Enoent)
                return null;
            if (error != 0)
                throw new RecoveryUnavailableException($"The file {path} can't be opened for reading and writing: {Libc.Describe(error)}.");
            Span<byte> start = stackalloc byte[SegmentHeader.Size];
            var header = SegmentHeader.Read(start[..RandomAccess.Read(file, start, 0)], position, applicationName, path);
            var segment = new Segment(path, header, file, witness);
            file = null;
            return segment;
        }
        finally
        {
            file?.Dispose();
        }
    }

    public int Read(Span<byte> bytes, long offset) => RandomAccess.Read(file, bytes, offset);

    /// <summary>Forces what is in it onto the disk, whoever has written it.</summary>
    public void Sync()
    {
        var length = witness is null ? 0 : Length;
        Libc.Sync(file);
        witness?.Invoke(path, length);
    }

    public void Dispose() => file.Dispose();
}
