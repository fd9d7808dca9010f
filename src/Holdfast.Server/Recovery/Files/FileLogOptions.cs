using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Recovery.Files;

/// <summary>What a <see cref="FileLog"/> is to do. Values out of their range are refused by its constructor.</summary>
internal sealed record FileLogOptions
{
    /// <summary>The folder; it is made if it is not there. One application per folder, any number of processes, one machine.</summary>
    public required string Folder { get; init; }

    /// <summary>Tells applications apart that are given the same folder by mistake. Asked at the start. At most 128 bytes of UTF-8.</summary>
    public required Func<string> ApplicationName { get; init; }

    /// <summary>Default: <see cref="FileSyncMode.Never"/>.</summary>
    public FileSyncMode Sync { get; init; }

    /// <summary>Default: 100 ms. From 1 ms to an hour.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A segment whose last record is older is deleted. Default: 5 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>When all segments together are larger, the oldest are deleted. Default: 256 MiB. At least <see cref="SegmentSize"/>.</summary>
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>A segment that has reached this size is followed by a new one. Default: 16 MiB. At least 4 KiB.</summary>
    public int SegmentSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>A larger payload is refused. Default: 16 MiB. From 1 KiB to 256 MiB. All processes of a folder have to agree: what is larger than the reader's own limit is a gap to it.</summary>
    public int MaxRecordBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most bytes that wait to be written; beyond it appends are refused. Default: 16 MiB. One record is always taken.</summary>
    public int AppendQueueLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>See <see cref="FileLog.MaxMemoryBytes"/>. Default: 64 MiB. At least 64 KiB.</summary>
    public long MaxMemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>It is worth a warning when the size bounds the window to less.</summary>
    public TimeSpan Needed { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Names this run of the machine.</summary>
    internal UInt128? BootId { get; init; }

    /// <summary>Told of what is on the disk.</summary>
    internal SyncWitness? Witness { get; init; }

    /// <summary>How bytes get behind the end of a file.</summary>
    internal AppendCall Append { get; init; } = Libc.Append;

    /// <summary>How a folder's drive is told from a network's.</summary>
    internal Func<string, DriveType> DriveTypeOf { get; init; } = static folder => new DriveInfo(folder).DriveType;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        if (!Enum.IsDefined(Sync))
            throw new ArgumentOutOfRangeException(nameof(Sync), Sync, "There is no such way to sync.");
        Check(SyncInterval.TotalMilliseconds, 1, 3_600_000, nameof(SyncInterval));
        Check(Window.TotalSeconds, 1, TimeSpan.FromDays(365).TotalSeconds, nameof(Window));
        Check(SegmentSize, 4096, 1 << 30, nameof(SegmentSize));
        Check(MaxBytes, SegmentSize, 1L << 50, nameof(MaxBytes));
        Check(MaxRecordBytes, 1024, 256 * 1024 * 1024, nameof(MaxRecordBytes));
        Check(AppendQueueLimit, 1, int.MaxValue, nameof(AppendQueueLimit));
        Check(MaxMemoryBytes, 64 * 1024, long.MaxValue, nameof(MaxMemoryBytes));
    }

    private static void Check(double value, double least, double most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"It must be from {least} to {most}."));
    }
}
