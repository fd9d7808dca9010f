using System.Text;

namespace Holdfast.Load.Scenarios;

/// <summary>A client that is cut and comes back. It has to be who it was, and to have every event once and in order.</summary>
internal sealed class ReturningClient(Stage stage) : Member(stage)
{
    private readonly int[] _last = new int[Feeder.Senders];
    private readonly byte[] _offset = new byte[64];
    private int _offsetLength, _awaited, _heard;
    private string _id = "", _privateId = "";
    private bool _greeted, _connected, _back;

    public static ReadOnlySpan<byte> Room => "mine"u8;

    public override ReadOnlySpan<byte> Offset => _offset.AsSpan(0, _offsetLength);

    /// <summary>The number of the last event to all.</summary>
    public int Last => Volatile.Read(ref _last[Feeder.ToAll]);

    public int LastLive => Volatile.Read(ref _last[Feeder.Live]);

    /// <summary>How many events to its room it got.</summary>
    public int HeardInRoom => Volatile.Read(ref _heard);

    public bool IsGreeted => Volatile.Read(ref _greeted);

    /// <summary>It is connected again, and has what it missed.</summary>
    public bool IsBack => Volatile.Read(ref _back);

    /// <summary>Opens a WebSocket, as somebody who misses the events up to this number.</summary>
    public void Open(int awaited)
    {
        (_greeted, _connected, _back, _awaited) = (false, false, false, awaited);
        Worker.Open(this, Stage.Target.Port);
    }

    public void AskBack() => Dialect.Connect(this);

    public override void Greeted()
    {
        Volatile.Write(ref _greeted, true);
        if (_id.Length == 0)
            Dialect.Connect(this);
    }

    public override void Ready()
    {
        _connected = true;
        if (_id.Length == 0)
        {
            (_id, _privateId) = (Id, PrivateId);
            if (_privateId.Length == 0)
                Stage.Verdict.Fault("sessions without recovery", "the server has given no private id");
            Dialect.Join(this, 0, Room);
            return;
        }
        if (Id != _id || PrivateId != _privateId)
        {
            Stage.Verdict.Fault("not recovered", Id == _id ? "the same id, but another private id" : $"{_id} came back as {Id}");
            (_id, _privateId) = (Id, PrivateId);
        }
        NoticeReturn();
    }

    public override void Acked(int id, ReadOnlySpan<byte> argument) => Done();

    public override void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset)
    {
        if (!Payload.TryRead(argument, out var kind, out var number) || kind >= Feeder.Senders || offset.Length is 0 or > 64)
        {
            Stage.Verdict.Fault("wrong events", $"{Encoding.UTF8.GetString(argument)}, offset '{Encoding.UTF8.GetString(offset)}'");
            return;
        }
        offset.CopyTo(_offset);
        _offsetLength = offset.Length;
        if (kind == Feeder.Elsewhere)
        {
            Volatile.Write(ref _heard, _heard + 1);
            return;
        }
        if (number != _last[kind] + 1)
            Stage.Verdict.Fault(number <= _last[kind] ? "doubled or out of order" : "lost", $"{number} after {_last[kind]} of sender {kind}");
        Volatile.Write(ref _last[kind], number);
        NoticeReturn();
    }

    private void NoticeReturn()
    {
        if (_connected && !_back && _last[Feeder.ToAll] >= _awaited)
            Volatile.Write(ref _back, true);
    }
}
