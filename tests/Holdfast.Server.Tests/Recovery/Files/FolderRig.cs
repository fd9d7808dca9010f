using System.Globalization;
using System.Text;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>A folder of its own for a log, and the nodes that a test starts on it; all gone at the end.</summary>
internal sealed class FolderRig : IAsyncDisposable
{
    public const LogRecordKind Event = LogRecordKind.FirstOfServer;

    private readonly string _parent = Directory.CreateTempSubdirectory("holdfast-log-").FullName;
    private readonly List<FileLog> _logs = [];
    private int _images;

    public FolderRig() => Folder = Path.Combine(_parent, "log");

    public string Folder { get; set; }

    public FakeTime Time { get; } = new();

    public FileLogOptions Options => new() { Folder = Folder, ApplicationName = static () => "test", Time = Time, BootId = 1 };

    public string[] Segments => Directory.GetFiles(Folder, "*.log").Order(StringComparer.Ordinal).ToArray();

    public async Task<(FileLog Log, Recording Read)> StartAsync(Func<FileLogOptions, FileLogOptions>? change = null)
    {
        var log = new FileLog(change?.Invoke(Options) ?? Options);
        _logs.Add(log);
        var read = new Recording();
        await log.StartAsync(read, CancellationToken.None).Within();
        return (log, read);
    }

    /// <summary>A folder as it would be if all processes were killed at this moment; from now on it is the rig's.</summary>
    public void KillAll()
    {
        var image = Path.Combine(_parent, (++_images).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(image);
        foreach (var segment in Segments)
            File.Copy(segment, Path.Combine(image, Path.GetFileName(segment)));
        Folder = image;
    }

    /// <summary>A second later that node has looked after its folder.</summary>
    public async Task LookAsync(FileLog log)
    {
        Time.Advance(1000);
        await log.CatchUpAsync(); // may have been on its way before
        await log.CatchUpAsync();
    }

    /// <summary>Cuts the last segment back.</summary>
    public void Cut(long length)
    {
        using var file = File.OpenHandle(Segments[^1], FileMode.Open, FileAccess.Write);
        RandomAccess.SetLength(file, length);
    }

    public void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        using var file = File.OpenHandle(Segments[^1], FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, bytes, RandomAccess.GetLength(file));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync().Within();
        Directory.Delete(_parent, recursive: true);
    }
}

internal static class LogCalls
{
    public static Task AppendAsync(this FileLog log, string text) => log.AppendAsync(FolderRig.Event, Encoding.UTF8.GetBytes(text)).Within();

    public static async Task AppendAsync(this FileLog log, string name, int count, int size = 0)
    {
        List<Task> appends = [];
        for (var i = 1; i <= count; i++)
            appends.Add(log.AppendAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{i}").PadRight(size)));
        await Task.WhenAll(appends).Within();
    }

    public static Task CatchUpAsync(this FileLog log) => log.CatchUpAsync(CancellationToken.None).Within();
}
