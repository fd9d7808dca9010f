using System.Globalization;

namespace Holdfast.ChaosServer;

/// <summary>PORT [--bus memory|files --url FOLDER [--sync never|interval|always] [--window SECONDS] [--memory BYTES] [--boot NUMBER --synced FILE --full FILE]]</summary>
/// <param name="Port">Where to listen.</param>
/// <param name="Folder">Of the log; null: everything is kept in memory.</param>
/// <param name="Sync">When what is written is forced onto the disk.</param>
/// <param name="Boot">Stands for the run of the machine: another number, and it has restarted.</param>
/// <param name="SyncedFile">Where to say what is on the disk; null: the disk is the machine's own.</param>
/// <param name="FullSign">As long as it is there, the disk is full.</param>
/// <param name="Window">For how long a client may be away; null: for longer than anybody is.</param>
/// <param name="Memory">How much of the events a process keeps in its memory; null: all of them.</param>
internal sealed record ChaosOptions(ushort Port, string? Folder, FileSyncMode Sync, UInt128 Boot, string? SyncedFile, string? FullSign, TimeSpan? Window = null, long? Memory = null)
{
    public const string Usage = "PORT [--bus memory|files --url FOLDER [--sync never|interval|always] [--window SECONDS] [--memory BYTES] [--boot NUMBER --synced FILE --full FILE]]";

    /// <summary>Null when the words mean nothing.</summary>
    public static ChaosOptions? Read(string[] words)
    {
        if (words.Length % 2 == 0 || !ushort.TryParse(words[0], CultureInfo.InvariantCulture, out var port))
            return null;
        var options = new ChaosOptions(port, null, FileSyncMode.Never, 1, null, null);
        var bus = "memory";
        for (var i = 1; i < words.Length; i += 2)
        {
            switch (words[i], words[i + 1])
            {
                case ("--bus", "memory" or "files"):
                    bus = words[i + 1];
                    break;
                case ("--url", var folder):
                    options = options with { Folder = folder };
                    break;
                case ("--sync", var name) when Enum.TryParse<FileSyncMode>(name, ignoreCase: true, out var sync):
                    options = options with { Sync = sync };
                    break;
                case ("--window", var number) when int.TryParse(number, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    options = options with { Window = TimeSpan.FromSeconds(seconds) };
                    break;
                case ("--memory", var number) when long.TryParse(number, CultureInfo.InvariantCulture, out var bytes):
                    options = options with { Memory = bytes };
                    break;
                case ("--boot", var number) when UInt128.TryParse(number, CultureInfo.InvariantCulture, out var boot):
                    options = options with { Boot = boot };
                    break;
                case ("--synced", var file):
                    options = options with { SyncedFile = file };
                    break;
                case ("--full", var sign):
                    options = options with { FullSign = sign };
                    break;
                default:
                    return null;
            }
        }
        var isWhole = (bus == "files") == (options.Folder is not null) && (options.SyncedFile is null) == (options.FullSign is null);
        return isWhole ? options : null;
    }
}
