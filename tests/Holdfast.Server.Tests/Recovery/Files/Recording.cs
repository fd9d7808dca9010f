using System.Globalization;
using System.Text;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>Writes down everything that a log tells its reader.</summary>
internal sealed class Recording : ISharedLogReader
{
    private readonly Lock _gate = new();
    private readonly List<Heard> _records = [];
    private readonly List<EpochStart> _epochs = [];
    private readonly List<(long From, long To)> _gaps = [];
    private readonly List<ulong> _started = [];
    private readonly List<ulong> _gone = [];
    private readonly List<string> _story = [];
    private long _tail;
    private int _inside;

    /// <summary>Called in the middle of each record.</summary>
    public Action<Heard>? Hook { get; set; }

    public Heard[] Records => Locked(_records.ToArray);

    public string[] Texts => Locked(() => _records.Select(record => record.Text).ToArray());

    public EpochStart[] Epochs => Locked(_epochs.ToArray);

    public (long From, long To)[] Gaps => Locked(_gaps.ToArray);

    public ulong[] Started => Locked(_started.ToArray);

    public ulong[] Gone => Locked(_gone.ToArray);

    /// <summary>All of it in order, records with their texts.</summary>
    public string[] Story => Locked(_story.ToArray);

    public long Tail => Locked(() => _tail);

    public Task UntilCount(int count) => Waiting.Until(() => Locked(() => _records.Count) >= count);

    public void OnRecord(in LogRecord record)
    {
        // Never two at once.
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        var heard = new Heard(record.Position, record.Node, record.Counter, record.TimeTicks, record.Kind, Encoding.UTF8.GetString(record.Payload.Span));
        Hook?.Invoke(heard);
        lock (_gate)
        {
            _records.Add(heard);
            _story.Add(heard.Text);
        }
        Interlocked.Decrement(ref _inside);
    }

    public void OnEpoch(EpochStart epoch) => Note(_epochs, epoch, "epoch");

    public void OnTrimmed(long tail)
    {
        lock (_gate)
        {
            _tail = tail;
            _story.Add("trimmed");
        }
    }

    public void OnGap(long from, long to) => Note(_gaps, (from, to), string.Create(CultureInfo.InvariantCulture, $"gap"));

    public void OnNodeStarted(ulong node)
    {
        lock (_gate)
            _started.Add(node);
    }

    public void OnNodeGone(ulong node) => Note(_gone, node, "gone");

    private void Note<T>(List<T> list, T item, string word)
    {
        lock (_gate)
        {
            list.Add(item);
            _story.Add(word);
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }

    internal sealed record Heard(long Position, ulong Node, long Counter, long TimeTicks, LogRecordKind Kind, string Text);
}
