namespace Holdfast.Recovery.Files;

// Writing: one call for everything that waits.
internal sealed partial class FileLog
{
    /// <summary>The most that one write takes, a larger record aside.</summary>
    private const int BatchSize = 1024 * 1024;

    private readonly List<PendingAppend> _batch = [];
    private byte[] _bytes = new byte[64 * 1024];
    private long _lastOwn; // the number of this node's last record that has been read back

    private long Now => _options.Time.GetUtcNow().UtcTicks;

    private void Write()
    {
        if (!_queue.HasWaiting)
            return;
        try
        {
            // A full disk may keep us from beginning a segment; what waits is not in the log then.
            if (_next is { } next)
                GoOn(_segments.OpenFrom(next) ?? _segments.OpenOrCreate(next, _life, Now));
            WriteBatch();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _writeProblem = $"The log can't be written: {fault.Message}";
            _queue.FailWaiting(_writeProblem);
        }
    }

    private void WriteBatch()
    {
        _queue.Take(_batch, BatchSize);
        var now = Now;
        var length = 0;
        foreach (var append in _batch)
            length += append.Size;
        var isLast = !_stopping && IsFull(length, now); // nothing comes behind the record of a clean end
        var bytes = Room(length + RecordFormat.HeadSize);
        var format = _segment.Header.Format;
        var counter = _lastOwn + _queue.WrittenCount;
        var end = 0;
        foreach (var append in _batch)
        {
            append.Counter = ++counter;
            format.Write(bytes[end..], append.Kind, NodeId, counter, now, append.Payload.Span);
            end += append.Size;
        }
        if (isLast)
        {
            format.Write(bytes[end..], LogRecordKind.Seal, NodeId, 0, now, []);
            end += RecordFormat.HeadSize;
        }

        var written = _options.Append(_segment.File, bytes[..end]);
        if (written > 0)
        {
            _sync?.Wrote(_segment);
            _nudge!.WakeOthers();
        }
        _writeProblem = written == end ? null
            : written < 0 ? $"The log can't be written: {Libc.Describe(-written)}."
            : $"The log can't be written: of {end} bytes the disk took {written}.";
        Settle(written);
    }

    /// <summary>What is completely in the file counts. One that is there in part stays as it is: nobody takes it for a record, and the next goes behind it with its number.</summary>
    private void Settle(int written)
    {
        var end = 0;
        foreach (var append in _batch)
        {
            end += append.Size;
            if (end <= written)
                _queue.Written(append);
            else
                _queue.Fail(append, _writeProblem!);
        }
        _batch.Clear();
    }

    /// <summary>The segment ends behind these: it is large enough, or so old that it would otherwise keep records far beyond their window.</summary>
    private bool IsFull(int length, long now) =>
        _records.Offset + length >= _options.SegmentSize
        || (_records.Offset > SegmentHeader.Size && now - _segment.Header.CreatedTicks > _options.Window.Ticks);

    private Span<byte> Room(int length)
    {
        if (_bytes.Length < length || (_bytes.Length > 2 * BatchSize && length <= BatchSize))
            _bytes = new byte[Math.Max(length, 64 * 1024)];
        return _bytes;
    }
}
