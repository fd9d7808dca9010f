using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Recovery.Files;

// The start: what may go wrong is said here, before anything is written. Then everything is read, and at its end it shows whether a new epoch has to begin.
internal sealed partial class FileLog
{
    private readonly NodeTable _nodes = new();
    private SegmentFolder _segments = null!;
    private NodeFolder _presence = null!;
    private Segment _segment = null!;
    private LogLife _life;
    private UInt128 _bootId;
    private LogRecordKind _lastKind;
    private readonly HashSet<ulong> _stopped = []; // those that had ended cleanly before this one came
    private ulong[] _staying = []; // those that were there when the last of them did
    private bool _hasJoined;
    private PendingAppend? _start;

    private void Open()
    {
        var folder = Path.GetFullPath(_options.Folder);
        var application = _options.ApplicationName();
        if (Encoding.UTF8.GetByteCount(application) is 0 or > SegmentHeader.MaxNameLength)
            throw new RecoveryUnavailableException($"The name of the application, '{application}', has to take 1 to {SegmentHeader.MaxNameLength} bytes.");
        var nodes = Path.Combine(folder, "nodes");
        try
        {
            CreatePrivately(folder);
            if (_options.DriveTypeOf(folder) == DriveType.Network)
                throw new RecoveryUnavailableException($"The folder {folder} is on a network drive, where neither locks nor appends hold what they promise: use a local one.");
            CreatePrivately(nodes);
            _presence = new NodeFolder(nodes, NodeId);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new RecoveryUnavailableException($"The folder {folder} can't be written to: {fault.Message}", innerException: fault);
        }
        _bootId = _options.BootId ?? BootId.Read();
        _nudge = new Nudge(nodes, NodeId);
        _segments = new SegmentFolder(folder, application, _presence.PathOf(NodeId, ".segment"), _options.Witness);
        if (_options.Sync == FileSyncMode.Interval)
            _sync = new FileSync(_options.SyncInterval, _options.Time);

        // All headers now, so that a folder that can't be read is refused before anybody has heard of what is in it.
        foreach (var position in _segments.List())
            _segments.Open(position)?.Dispose();
        _segment = _segments.OpenFrom(SegmentFolder.FirstPosition)
            ?? _segments.OpenOrCreate(SegmentFolder.FirstPosition, new LogLife(null, _bootId, AllSynced: true), Now);
        _records.Open(_segment);
        _reader!.OnTrimmed(_segment.Position);
        Adopt(_segment.Header.Life);
    }

    /// <summary>Everything has been read. Takes the node's place in the log; a start is complete when that has been read, too.</summary>
    private void Join()
    {
        _hasJoined = true;
        // One that is only starting has not been there all the while, unless its first record is in the log.
        var isAlone = !_presence.Others().Exists(other => other.IsAnnounced) && _nodes.All.All(node => !_presence.IsAlive(node));
        var isClean = _lastKind == LogRecordKind.NodeStop && !_records.HasRest && Array.TrueForAll(_staying, _stopped.Contains);
        if (_options.Sync == FileSyncMode.Always)
            _segments.Sync();
        if (isAlone && (!isClean || _life.Epoch is null))
        {
            var tailMayBeLost = _life.BootId != _bootId && !_life.AllSynced;
            _queue.AddOwn(new PendingAppend(LogRecordKind.Epoch, LogLife.WriteEpoch(NewName(), _records.Position, tailMayBeLost)));
        }
        _start = new PendingAppend(LogRecordKind.NodeStart, LogLife.WriteNodeStart(_bootId, _options.Sync, allSynced: _options.Sync == FileSyncMode.Always && isAlone));
        _queue.AddOwn(_start);
        // One that has long been silent may have no record left.
        foreach (var (node, isAnnounced) in _presence.Others())
        {
            if (isAnnounced)
                Meet(node);
        }
        LookAfterNodes();
    }

    /// <summary>At the end of the log: if the node's place in it has been read, it is there now.</summary>
    private void CompleteStart()
    {
        if (_start is null)
            return;
        if (_start.Task.Exception is { } failed)
            throw failed.InnerException!;
        if (!_nodes.Contains(NodeId))
            return;
        _start = null;
        _presence.Announce();
        _started.TrySetResult();
    }

    private static void CreatePrivately(string folder)
    {
        // What is in it is nobody else's business. A folder that is there already has the rights that somebody gave it.
        if (!OperatingSystem.IsWindows() && !Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string NewName()
    {
        Span<byte> random = stackalloc byte[6];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
