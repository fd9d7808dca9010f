using Holdfast.Diagnostics;

namespace Holdfast.Recovery.Files;

/// <summary>Finds records of which only the places are known: the names of the segments say in which file each is. For one call; it shares nothing with the log's own reading.</summary>
internal sealed class StoredRecords(SegmentFolder segments, FileLogOptions options)
{
    /// <summary>So much is read at once, a larger record aside.</summary>
    private const int MostAtOnce = 64 * 1024;

    /// <summary>What lies between two records is read with them if it is not more than this: that is cheaper than to read twice.</summary>
    private const int MostBetween = 4 * 1024;

    private readonly List<ReadOnlyMemory<byte>> _found = [];

    /// <summary>The payloads, up to the first one that can't be had.</summary>
    public List<ReadOnlyMemory<byte>> Read(RecordPlace[] places)
    {
        var starts = segments.List();
        while (_found.Count < places.Length)
        {
            var rest = places.AsSpan(_found.Count);
            var at = starts.BinarySearch(BeginOf(rest[0]));
            var segment = at >= 0 ? at : ~at - 1;
            if (segment < 0)
                break; // trimmed
            var end = segment + 1 < starts.Count ? starts[segment + 1] : long.MaxValue;
            var count = 1;
            while (count < rest.Length && rest[count].Position <= end)
                count++;
            if (!TryRead(starts[segment], rest[..count]))
                break;
        }
        return _found;
    }

    private bool TryRead(long position, ReadOnlySpan<RecordPlace> places)
    {
        try
        {
            using var segment = segments.Open(position);
            if (segment is null)
                return false; // trimmed meanwhile
            for (var next = 0; next < places.Length;)
            {
                var count = TakeRun(segment, places[next..]);
                if (count == 0)
                {
                    options.Logger.RecordsLost(segment.Path, FormattableString.Invariant($"at {BeginOf(places[next]) - position} there is something else than what was written."));
                    return false;
                }
                next += count;
            }
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or RecoveryUnavailableException)
        {
            options.Logger.RecordsLost(segments.PathOf(position), fault.Message);
            return false;
        }
    }

    /// <summary>Takes the first of these records and those that stand close behind it. Returns how many it has found.</summary>
    private int TakeRun(Segment segment, ReadOnlySpan<RecordPlace> places)
    {
        var begin = BeginOf(places[0]);
        var count = 1;
        while (count < places.Length && places[count].Position - begin <= MostAtOnce && BeginOf(places[count]) - places[count - 1].Position <= MostBetween)
            count++;
        var bytes = new byte[places[count - 1].Position - begin];
        var read = 0;
        while (read < bytes.Length && segment.Read(bytes.AsSpan(read), begin - segment.Position + read) is > 0 and var more)
            read += more;
        for (var i = 0; i < count; i++)
        {
            var (from, to) = ((int)(BeginOf(places[i]) - begin), (int)(places[i].Position - begin));
            if (to > read || segment.Header.Format.Examine(bytes.AsSpan(from, to - from), options.MaxRecordBytes, out var size) != RecordState.Valid || size != to - from)
                return i;
            _found.Add(RecordFormat.Read(bytes.AsMemory(from, to - from), places[i].Position).Payload);
        }
        return count;
    }

    private static long BeginOf(RecordPlace place) => place.Position - place.Length - RecordFormat.HeadSize;
}
