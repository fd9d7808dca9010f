namespace Holdfast.Recovery.Files;

// Reading: one segment after the other, and what the records mean to the log itself.
internal sealed partial class FileLog
{
    private readonly SegmentReader _records;
    private readonly List<TaskCompletionSource> _waitingForEnd = [];
    private readonly HashSet<ulong> _here = []; // the nodes that the reader has been told of
    private long? _next; // where the segment behind this one begins; null: this one goes on
    private long _sealTicks;
    private long _readTicks; // when what is in the buffer was read
    private bool _mayBeFollowed; // whether a later segment is there has to be looked up
    private bool _isFollowed;
    private long _synced; // up to there the segment has been forced onto the disk
    private long _refusedUpTo; // in the log: what stands before may not be on the disk

    /// <summary>Reads on. False: the end of the log has been read.</summary>
    private bool Read()
    {
        if (_next is { } next)
        {
            if (_segments.OpenFrom(next) is not { } following)
            {
                OnEnd();
                return false;
            }
            GoOn(following);
        }
        _records.Fill();
        _readTicks = Now;
        SyncRead();
        var before = _records.Position;
        for (; _next is null && _records.TryRead(out var bytes); before = _records.Position)
            Take(RecordFormat.Read(bytes, _records.Position), before);
        if (_next is not null || !_records.IsAtEnd)
            return true;
        if (EndIsLost())
            return true;
        OnEnd();
        return false;
    }

    private void Take(in LogRecord record, long before)
    {
        _lastKind = record.Kind;
        if (record.Kind == LogRecordKind.Seal)
        {
            (_next, _sealTicks) = (record.Position, record.TimeTicks);
            _queue.WriteAgain();
            return;
        }
        switch (_nodes.Count(record, out var former))
        {
            case Sequel.Repeated:
                return;
            case Sequel.AfterHole:
                _reader!.OnGap(former, record.Position - RecordFormat.HeadSize - record.Payload.Length);
                break;
        }
        Meet(record.Node);
        switch (record.Kind)
        {
            case >= LogRecordKind.FirstOfServer:
                _reader!.OnRecord(record with { Age = new TimeSpan(Math.Max(0, _readTicks - record.TimeTicks)) });
                break;
            case LogRecordKind.Epoch:
                var epoch = _life.Epoch;
                _life = _life.AfterEpoch(record.Payload.Span, record.Position, before);
                if (!ReferenceEquals(epoch, _life.Epoch))
                    _reader!.OnEpoch(_life.Epoch!);
                break;
            case LogRecordKind.NodeStart:
                _life = _life.AfterNodeStart(record.Payload.Span);
                if (_hasJoined)
                    _nudge!.Add(record.Node);
                // Before this node serves anybody: otherwise a loss of power could leave a log that looks as if it had never been here.
                if (record.Node == NodeId && _start is not null)
                    _segment.Sync();
                break;
            case LogRecordKind.NodeStop:
                if (!_hasJoined)
                {
                    _stopped.Add(record.Node);
                    _staying = LogLife.ReadNodeStop(record.Payload.Span);
                }
                if (record.Node != NodeId)
                    Leave(record.Node);
                break;
        }
        if (record.Node == NodeId)
            Confirm(record.Counter, isOnDisk: before >= _refusedUpTo);
    }

    private void Confirm(long counter, bool isOnDisk)
    {
        while (_queue.TryConfirm(counter, out var append))
        {
            _lastOwn = append.Counter;
            if (isOnDisk)
                append.TrySetResult();
            else
                append.Fail("The record is in the log, but could not be forced onto the disk.", outcomeUnknown: true);
        }
    }

    /// <summary>
    /// <see cref="FileSyncMode.Always"/>: what has been read, whoever has written it, is on the disk before anybody hears of it. One sync serves all that was written since the last one. What the
    /// disk has refused is in the log all the same, and others may have read it: it is handed over, and this life of the log promises no more that nothing can be missing.
    /// </summary>
    private void SyncRead()
    {
        if (_options.Sync != FileSyncMode.Always || !_hasJoined || _records.Offset == _synced)
            return;
        try
        {
            _segment.Sync();
            _syncProblem = null;
        }
        catch (IOException fault)
        {
            // The system forgets what it could not write, and says so once: a later sync would prove nothing about these.
            if (_syncProblem is null)
                _queue.AddOwn(new PendingAppend(LogRecordKind.NodeStart, LogLife.WriteNodeStart(_bootId, FileSyncMode.Never, allSynced: false)));
            _syncProblem = $"The log can't be forced onto the disk: {fault.Message}";
            _refusedUpTo = _segment.Position + _records.Offset;
        }
        _synced = _records.Offset;
    }

    /// <summary>
    /// The segment has no Seal, but there is one behind it. Who made that had read a Seal here; so this file has lost its end. True: what is to be read now is something else than before.
    /// </summary>
    private bool EndIsLost()
    {
        if (_isFollowed && _segments.OpenFrom(_segment.Position + 1) is { } following)
        {
            GoOn(following);
            return true;
        }
        if (!_mayBeFollowed && _hasJoined)
            return false;
        _mayBeFollowed = false;
        _isFollowed = _segments.List() is [.., var last] && last > _segment.Position;
        return _isFollowed; // once more from the file, because the Seal may be younger than our last look into it
    }

    /// <summary>Everything that was in the log a moment ago has been read.</summary>
    private void OnEnd()
    {
        if (_queue.WrittenCount > 0)
        {
            _writeProblem = $"What was written to {_segment.Path} can't be read back."; // before anybody hears of it
            LoseWritten();
        }
        foreach (var node in _gone)
        {
            if (_here.Contains(node))
                Leave(node);
        }
        _gone.Clear();
        if (!_hasJoined)
            Join();
        CompleteStart();
        foreach (var barrier in _waitingForEnd)
            barrier.TrySetResult();
        _waitingForEnd.Clear();
    }

    private void Meet(ulong node)
    {
        if (_here.Add(node))
            _reader!.OnNodeStarted(node);
    }

    private void Leave(ulong node)
    {
        _nodes.Remove(node);
        _here.Remove(node);
        _nudge!.Remove(node);
        _reader!.OnNodeGone(node);
    }

    private void LoseWritten()
    {
        _lastOwn += _queue.WrittenCount;
        _queue.FailWritten($"The end of the segment {_segment.Path} is lost.");
    }

    private void GoOn(Segment following)
    {
        var isWhole = following.Position == _next;
        if (!isWhole)
        {
            LoseWritten();
            _nodes.Forget();
            _reader!.OnGap(_records.Position, following.Position);
        }
        _old.Enqueue(new OldSegment(_segment.Position, following.Position, _records.Offset, _next is null ? Now : _sealTicks));
        _oldBytes += _records.Offset;
        if (_sync is null)
            _segment.Dispose();
        else
            _sync.Retire(_segment);
        _segment = following;
        (_next, _mayBeFollowed, _isFollowed, _synced) = (null, false, false, 0);
        _records.Open(following);
        if (!isWhole)
            Adopt(following.Header.Life);
        Trim();
    }

    private void Adopt(LogLife life)
    {
        var former = _life.Epoch?.Name;
        _life = life;
        if (life.Epoch is { } epoch && epoch.Name != former)
            _reader!.OnEpoch(epoch);
    }

    private void TakeBarriers()
    {
        lock (_gate)
        {
            _waitingForEnd.AddRange(_barriers);
            _barriers.Clear();
        }
    }
}
