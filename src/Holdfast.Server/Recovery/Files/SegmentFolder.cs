using System.Globalization;
using System.Security.Cryptography;

namespace Holdfast.Recovery.Files;

/// <summary>
/// The segments of a folder, each named by the position of its first byte: <c>0000000000000000001.log</c> is the first. Names are never reused for other bytes.
/// </summary>
internal sealed class SegmentFolder(string folder, string applicationName, string temporary, SyncWitness? witness = null)
{
    /// <summary>Of the first segment of a new folder: no record ends at zero.</summary>
    public const long FirstPosition = 1;

    private const int Digits = 19;
    private const string Extension = ".log";

    public string Folder => folder;

    public string PathOf(long position) => Path.Combine(folder, position.ToString("D19", CultureInfo.InvariantCulture) + Extension);

    /// <summary>The positions of all segments, in order. Other files are nobody's business.</summary>
    public List<long> List()
    {
        List<long> positions = [];
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Extension))
        {
            var name = Path.GetFileNameWithoutExtension(path.AsSpan());
            if (name.Length == Digits && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0)
                positions.Add(position);
        }
        positions.Sort();
        return positions;
    }

    public bool Exists(long position) => File.Exists(PathOf(position));

    /// <summary>null: there is none.</summary>
    public Segment? Open(long position) => Segment.Open(PathOf(position), position, applicationName, witness);

    /// <summary>The first segment that begins at this position or behind it. null: there is none.</summary>
    public Segment? OpenFrom(long position)
    {
        // Whoever trims may have been quicker than we: then the next.
        foreach (var candidate in List())
        {
            if (candidate >= position && Open(candidate) is { } segment)
                return segment;
        }
        return null;
    }

    /// <summary>
    /// Opens a segment, and makes it if it is not there. It gets its name when it is complete and on the disk, so nobody ever sees half of one; of two that make it at once one is quicker, and the
    /// other takes what is there.
    /// </summary>
    public Segment OpenOrCreate(long position, LogLife life, long ticks)
    {
        if (Open(position) is { } present)
            return present;
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var format = new RecordFormat(BitConverter.ToUInt32(random), BitConverter.ToUInt32(random[4..]));
        var header = new SegmentHeader(position, ticks, format, life, applicationName).Write();
        var path = PathOf(position);
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
            {
                RandomAccess.Write(file, header, 0);
                Libc.Sync(file);
            }
            var error = Libc.Link(temporary, path);
            if (error is not (0 or Libc.Eexist))
                throw new RecoveryUnavailableException($"The segment {path} can't be made: {Libc.Describe(error)}.");
        }
        finally
        {
            File.Delete(temporary);
        }
        SyncNames();
        witness?.Invoke(path, header.Length);
        return Open(position) ?? throw new RecoveryUnavailableException($"The segment {path} is gone as soon as it is made.");
    }

    public void Delete(long position) => File.Delete(PathOf(position));

    /// <summary>Forces everything that is in the folder onto the disk, whoever has written it; the oldest first.</summary>
    public void Sync()
    {
        foreach (var position in List())
        {
            using var segment = Open(position);
            segment?.Sync();
        }
        SyncNames();
    }

    private void SyncNames()
    {
        using var handle = Libc.OpenForReading(folder, out var error);
        if (error != 0)
            throw new RecoveryUnavailableException($"The folder {folder} can't be opened: {Libc.Describe(error)}.");
        Libc.Sync(handle);
    }
}
