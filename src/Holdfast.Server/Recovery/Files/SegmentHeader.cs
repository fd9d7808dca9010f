using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Recovery.Files;

/// <summary>
/// The first 256 bytes of a segment, little endian. Magic and version keep their places in every version, so that an older program can say that it is the older one.
/// <code>
///   0  magic        HOLDFAST
///   8  version      1
///  12  checksum     CRC-32C of all 256 bytes, with zeros here
///  16  position     of the segment's first byte
///  24  created      UTC ticks
///  32  magic and seed of the records
///  40  life         epoch name, position and former end; boot id; flags (see LogLife)
///  88  application  a byte with its length, then UTF-8
/// 217  zeros
/// </code>
/// </summary>
internal sealed record SegmentHeader(long Position, long CreatedTicks, RecordFormat Format, LogLife Life, string ApplicationName)
{
    public const int Size = 256;
    public const int MaxNameLength = 128;
    private const uint Version = 1;
    private const int LifeAt = 40;
    private const int NameAt = LifeAt + LogLife.Size;

    public byte[] Write()
    {
        var bytes = new byte[Size];
        "HOLDFAST"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Position);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), CreatedTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), Format.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(36), Format.Seed);
        Life.Write(bytes.AsSpan(LifeAt));
        bytes[NameAt] = (byte)Encoding.UTF8.GetBytes(ApplicationName, bytes.AsSpan(NameAt + 1, MaxNameLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Checksum(bytes));
        return bytes;
    }

    /// <summary>Reads the beginning of a file.</summary>
    /// <param name="bytes">As much as there is, up to <see cref="Size"/>.</param>
    /// <param name="position">What the file's name says.</param>
    /// <param name="applicationName">Whose log it has to be.</param>
    /// <param name="path">For the message.</param>
    /// <exception cref="RecoveryUnavailableException">It can't be read; the message says why.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> bytes, long position, string applicationName, string path)
    {
        if (bytes.Length < 12 || !bytes.StartsWith("HOLDFAST"u8))
            throw new RecoveryUnavailableException($"The file {path} is not a segment of a log: give the log a folder of its own.");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version > Version)
            throw new RecoveryUnavailableException(FormattableString.Invariant($"The file {path} has format {version}, and this program knows formats up to {Version}: update it, or give it another folder."));
        if (bytes.Length < Size || version != Version || BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != Checksum(bytes))
            throw new RecoveryUnavailableException($"The header of the file {path} is broken: move the file away, and what was in it counts as lost.");
        var length = bytes[NameAt];
        var name = Encoding.UTF8.GetString(bytes.Slice(NameAt + 1, Math.Min(length, (byte)MaxNameLength)));
        if (name != applicationName)
            throw new RecoveryUnavailableException($"The folder of the file {path} is the log of the application {name}, and this is {applicationName}: give each its own folder.");
        if (BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) != position)
            throw new RecoveryUnavailableException($"The file {path} has been renamed: its header names another position.");
        var format = new RecordFormat(BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]));
        return new SegmentHeader(position, BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), format, LogLife.Read(bytes[LifeAt..]), name);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = RecordFormat.Crc(uint.MaxValue, bytes[..12]);
        crc = RecordFormat.Crc(crc, [0, 0, 0, 0]);
        return ~RecordFormat.Crc(crc, bytes[16..Size]);
    }
}
