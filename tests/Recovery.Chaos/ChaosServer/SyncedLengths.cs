using System.Globalization;
using System.Text;

namespace Holdfast.ChaosServer;

/// <summary>Says which file is on the disk, and up to where, before anybody else hears of it. One write for each line: it is there even if the process is killed right after it.</summary>
internal sealed class SyncedLengths(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Add(string segment, long length)
    {
        lock (_gate)
            _file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {segment}\n")));
    }

    public void Dispose() => _file.Dispose();
}
