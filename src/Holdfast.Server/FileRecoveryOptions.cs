namespace Holdfast;

/// <summary>
/// Options of <c>AddFileRecovery</c>: connection state recovery out of files, so that clients come back after a crash, a <c>kill -9</c> or a deploy. Any number of processes of one machine may share
/// the folder, and are one cluster then: give all of them the same options. Checked when the host starts.
/// </summary>
public sealed class FileRecoveryOptions
{
    /// <summary>
    /// The folder; a relative path begins at the host's content root. It is made if it is not there, for the user of the process alone. It belongs to one application, and must be on a local drive.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>
    /// What tells applications apart that were given the same folder by mistake: who comes with another name is refused at the start. Default: the name of the host's application and the path at which
    /// the server is mounted. Set it to the same text in programs that are different and share a folder on purpose. At most 64 characters of ASCII.
    /// </summary>
    public string? ApplicationName { get; set; }

    /// <summary>When what was written is forced onto the disk. Default: <see cref="FileSyncMode.Never"/>.</summary>
    public FileSyncMode Sync { get; set; }

    /// <summary>How often, with <see cref="FileSyncMode.Interval"/>. Default: 100 milliseconds. From 1 millisecond to an hour.</summary>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long at least what was written stays in the files. Null, the default: as long as it can be needed, which is twice the sum of <see cref="ConnectionStateRecoveryOptions.MaxDisconnectionDuration"/>
    /// and the time that a dead connection can go unnoticed (ping interval and timeout). It can't be less, and at most 365 days.
    /// </summary>
    public TimeSpan? Window { get; set; }

    /// <summary>
    /// The most bytes that the files take; beyond it the oldest go, whatever their age. When that comes to less than <see cref="ConnectionStateRecoveryOptions.MaxDisconnectionDuration"/>, clients that
    /// come back late may not get what they missed, which is signalled to them, and logged once. Default: 256 MiB. At least 1 MiB.
    /// </summary>
    public long MaxBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// The most memory that each process gives to what it knows of the events in the files. Beyond it the contents of the oldest ones are not kept in memory: they are read from the files for those who
    /// come back and have missed them, and only for whom each of them is stays (about a hundred bytes for each). When that alone is more, the oldest events go, which is logged once. Default: 64 MiB.
    /// At least 64 KiB.
    /// </summary>
    public long MaxMemoryBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// The most bytes that wait to be written, while the disk is slow or full. Beyond it <c>EmitAsync</c> and its like throw a <see cref="RecoveryUnavailableException"/> at once. Default: 16 MiB.
    /// At least 64 KiB.
    /// </summary>
    public int MaxPendingBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>What is out of its range.</summary>
    /// <param name="shortestWindow">Null: that can't be told.</param>
    internal IEnumerable<string> Faults(TimeSpan? shortestWindow)
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return $"{nameof(Folder)} is empty: name a folder on a local drive.";
        if (ApplicationName is { } name && (string.IsNullOrWhiteSpace(name) || name.Length > 64 || !System.Text.Ascii.IsValid(name)))
            yield return $"{nameof(ApplicationName)} is '{name}': it must have 1 to 64 characters of ASCII.";
        if (!Enum.IsDefined(Sync))
            yield return $"{nameof(Sync)} is {Sync}: it must be {nameof(FileSyncMode.Never)}, {nameof(FileSyncMode.Interval)} or {nameof(FileSyncMode.Always)}.";
        if (SyncInterval < TimeSpan.FromMilliseconds(1) || SyncInterval > TimeSpan.FromHours(1))
            yield return $"{nameof(SyncInterval)} is {SyncInterval}: it must be between 1 millisecond and 1 hour.";
        if (Window > TimeSpan.FromDays(365))
            yield return $"{nameof(Window)} is {Window}: it must be at most 365 days.";
        if (Window < shortestWindow)
            yield return $"{nameof(Window)} is {Window}: with this {nameof(ConnectionStateRecoveryOptions.MaxDisconnectionDuration)}, ping interval and ping timeout it must be at least {shortestWindow}.";
        if (MaxBytes < 1024 * 1024)
            yield return $"{nameof(MaxBytes)} is {MaxBytes}: it must be at least 1 MiB.";
        if (MaxMemoryBytes < 64 * 1024)
            yield return $"{nameof(MaxMemoryBytes)} is {MaxMemoryBytes}: it must be at least 64 KiB.";
        if (MaxPendingBytes < 64 * 1024)
            yield return $"{nameof(MaxPendingBytes)} is {MaxPendingBytes}: it must be at least 64 KiB.";
    }

    /// <summary>
    /// A session is written down anew each half of the window. Whatever was written last before everything ended must still be there when its client may come back for the last time.
    /// </summary>
    internal static TimeSpan ShortestWindow(SocketIOOptions options) =>
        2 * (options.ConnectionStateRecovery!.MaxDisconnectionDuration + options.PingInterval + options.PingTimeout);
}
