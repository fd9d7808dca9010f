using Holdfast.Diagnostics;

namespace Holdfast.Recovery.Files;

// What no nudge tells: each second, who is gone, what is too old, and whether the files are still there.
internal sealed partial class FileLog
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    /// <summary>How far the log goes on behind a segment that somebody has removed or cut: the same for all who were in it, and beyond everything that anybody can have written there.</summary>
    private const long Jump = 1L << 32;

    private readonly List<ulong> _gone = [];
    private readonly Queue<OldSegment> _old = new();
    private long _oldBytes;
    private bool _isSizeTold;

    private void Look()
    {
        LookAfterNodes();
        LookAfterSegment();
        Trim();
        Probe();
    }

    /// <summary>Finds out whether it can be written again, although nobody else may want to for long. A whole page: room for a few bytes would be no good news.</summary>
    private void Probe()
    {
        if ((_writeProblem ?? _syncProblem ?? _sync?.Problem) is not null && !_queue.HasWaiting)
            _queue.AddOwn(new PendingAppend(LogRecordKind.Probe, new byte[Environment.SystemPageSize]));
    }

    /// <summary>Who is gone is told when everything that it has written has been read.</summary>
    private void LookAfterNodes()
    {
        _nudge!.Meet([.. _presence.Others().Select(other => other.Node)]);
        foreach (var node in _here)
        {
            if (node != NodeId && !_presence.IsAlive(node))
                _gone.Add(node);
        }
    }

    private void LookAfterSegment()
    {
        _mayBeFollowed = true;
        if (_next is not null || _queue.WrittenCount > 0 || (File.Exists(_segment.Path) && _segment.Length >= _records.Offset))
            return;
        // It was trimmed before we came to its end; or somebody else has laid hands on it. What is there goes on behind it, as if the end of a file had been lost.
        var next = _segment.Position + Jump;
        GoOn(_segments.OpenFrom(_segment.Position + 1) ?? _segments.OpenOrCreate(next, _life, Now));
    }

    /// <summary>Deletes what has been read and is too old or too much; whoever sees it first. Tells what is gone, whoever has deleted it.</summary>
    private void Trim()
    {
        var oldest = Now - _options.Window.Ticks;
        var tail = 0L;
        while (_old.TryPeek(out var first))
        {
            var isTooOld = first.SealTicks < oldest;
            if (isTooOld || _oldBytes + _records.Offset > _options.MaxBytes)
            {
                if (!isTooOld)
                    TellOfSize(new TimeSpan(Now - first.SealTicks));
                _segments.Delete(first.Position);
            }
            else if (_segments.Exists(first.Position))
                break;
            _old.Dequeue();
            _oldBytes -= first.Bytes;
            tail = first.End;
        }
        if (tail > 0)
            _reader!.OnTrimmed(tail);
    }

    private void TellOfSize(TimeSpan reach)
    {
        if (_isSizeTold || reach >= _options.Needed)
            return;
        _isSizeTold = true;
        _options.Logger.FilesTooSmall(_options.MaxBytes, reach, _options.Needed);
    }

    /// <param name="Position">Where it begins.</param>
    /// <param name="End">Where the next begins.</param>
    /// <param name="Bytes">Its size.</param>
    /// <param name="SealTicks">When it was ended.</param>
    private readonly record struct OldSegment(long Position, long End, long Bytes, long SealTicks);
}
