namespace Holdfast.FileLogBench;

/// <param name="Name">In the table.</param>
/// <param name="Sync">Null: the log is in memory.</param>
internal sealed record LogKind(string Name, FileSyncMode? Sync)
{
    public static readonly LogKind[] All =
    [
        new("memory", null),
        new("files, never synced", FileSyncMode.Never),
        new("files, synced every 100 ms", FileSyncMode.Interval),
        new("files, always synced", FileSyncMode.Always),
    ];

    /// <summary>As a word for the command line.</summary>
    public string Word => Sync?.ToString() ?? "Memory";

    public static LogKind Parse(string word) => All.Single(kind => kind.Word == word);
}
