using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Recovery.Files;

/// <summary>
/// Who is there: each node holds a lock on a file of its own for as long as its process lives. The system lets go of it however the process ends, and a stopped process keeps it. The file is called
/// <c>ID.starting</c> until the node's first record is in the log, and <c>ID.lock</c> from then on: of two that start at once neither takes the other for somebody who has been there all the while.
/// </summary>
internal sealed class NodeFolder : IDisposable
{
    private const string Starting = ".starting";
    private const string Locked = ".lock";

    private readonly string _folder;
    private readonly ulong _own;
    private readonly SafeFileHandle _lock;

    /// <exception cref="IOException">The file can't be made.</exception>
    public NodeFolder(string folder, ulong own)
    {
        (_folder, _own) = (folder, own);
        // It is locked before it gets a name that others look at: what they find without a lock is of somebody who is gone, for ever.
        var path = Path.Combine(folder, ".new-" + NameOf(own));
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
        _lock = Libc.OpenForReading(path, out var error);
        try
        {
            if (error != 0 || (error = Libc.Lock(_lock)) != 0)
                throw new RecoveryUnavailableException($"The file {path} can't be locked: {Libc.Describe(error)}.");
            File.Move(path, PathOf(own, Starting));
        }
        catch
        {
            _lock.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public string PathOf(ulong node, string extension) => Path.Combine(_folder, NameOf(node) + extension);

    public static string NameOf(ulong node) => node.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The first record of this node is in the log.</summary>
    public void Announce() => File.Move(PathOf(_own, Starting), PathOf(_own, Locked));

    /// <summary>Whether a node's process lives. If not, its files are removed: nobody will ever use that name again.</summary>
    public bool IsAlive(ulong node)
    {
        // In this order, because the file may be renamed in between.
        if (IsLocked(PathOf(node, Starting)) || IsLocked(PathOf(node, Locked)))
            return true;
        foreach (var path in Directory.EnumerateFiles(_folder, NameOf(node) + ".*"))
            File.Delete(path);
        return false;
    }

    /// <summary>The other nodes that live, and whether they have been in the log before.</summary>
    public List<(ulong Node, bool IsAnnounced)> Others()
    {
        HashSet<ulong> seen = [];
        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (name.Length == 16 && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var node) && node != _own)
                seen.Add(node);
        }
        List<(ulong, bool)> others = [];
        foreach (var node in seen)
        {
            // Before the look at the lock: one that is announced a moment later was not there when we came.
            var isAnnounced = File.Exists(PathOf(node, Locked));
            if (IsAlive(node))
                others.Add((node, isAnnounced));
        }
        return others;
    }

    public void Dispose()
    {
        if (_lock.IsClosed)
            return;
        foreach (var path in Directory.EnumerateFiles(_folder, NameOf(_own) + ".*"))
            File.Delete(path);
        _lock.Dispose();
    }

    private static bool IsLocked(string path)
    {
        using var file = Libc.OpenForReading(path, out var error);
        return error switch
        {
            0 => Libc.IsLocked(file),
            Libc.Enoent => false,
            _ => true, // whoever can't be asked is not declared dead
        };
    }
}
