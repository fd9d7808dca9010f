using System.Globalization;
using System.Text;
using Holdfast.Recovery;

namespace Holdfast.FileLogNode;

/// <summary>Sums up all that it is told, in order: two that say the same have read the same.</summary>
/// <param name="sums">Whether it does; it takes longer than reading, so not where reading is measured.</param>
internal sealed class DigestReader(bool sums) : ISharedLogReader
{
    private ulong _hash = 14695981039346656037;
    private long _count;

    /// <summary>Called for each record, after it has been summed up.</summary>
    public Action<long>? Read { get; set; }

    public int Gone { get; private set; }

    public int Gaps { get; private set; }

    public string Digest => string.Create(CultureInfo.InvariantCulture, $"digest {_count} {_hash:x16} gaps {Gaps}");

    public void OnRecord(in LogRecord record)
    {
        _count++;
        if (sums)
        {
            Add((ulong)record.Position);
            Add(record.Node);
            Add((ulong)record.Counter);
            foreach (var b in record.Payload.Span)
                Add(b);
        }
        Read?.Invoke(BitConverter.ToInt64(record.Payload.Span));
    }

    public void OnEpoch(EpochStart epoch)
    {
        foreach (var b in Encoding.ASCII.GetBytes(epoch.Name))
            Add(b);
    }

    public void OnTrimmed(long tail)
    {
    }

    public void OnGap(long from, long to) => Gaps++;

    public void OnNodeStarted(ulong node)
    {
    }

    public void OnNodeGone(ulong node) => Gone++;

    private void Add(ulong value) => _hash = (_hash ^ value) * 1099511628211;
}
