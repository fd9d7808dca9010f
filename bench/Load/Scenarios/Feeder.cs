using System.Diagnostics;
using System.Text;

namespace Holdfast.Load.Scenarios;

/// <summary>Fills the log. It gets all that it sends, so that it knows when the server has dealt with it, and checks that as well.</summary>
internal sealed class Feeder(Stage stage) : Member(stage)
{
    public const int ToAll = 0, Live = 1, Elsewhere = 2, Senders = 3;
    private const int Rooms = 10, Window = 64;
    private static readonly byte[][] s_rooms = [.. Enumerable.Range(0, Rooms).Select(i => Encoding.ASCII.GetBytes($"x{i}"))];

    private readonly int[] _sent = new int[Senders], _got = new int[Senders];
    private int _joined, _kind, _goal;
    private double _step;
    private long _started;

    public int SentToAll => Volatile.Read(ref _sent[ToAll]);

    public int SentLive => Volatile.Read(ref _sent[Live]);

    public bool IsDone => Volatile.Read(ref _got[_kind]) == _goal;

    public override void Ready() => Dialect.Join(this, 0, s_rooms[0]);

    public override void Acked(int id, ReadOnlySpan<byte> argument)
    {
        if (++_joined == Rooms)
            Done();
        else
            Dialect.Join(this, _joined, s_rooms[_joined]);
    }

    public void Start(int count, bool elsewhere)
    {
        _kind = elsewhere ? Elsewhere : ToAll;
        _goal = _sent[_kind] + count;
        SendMore();
    }

    public void SendTo(ReadOnlySpan<byte> room, int number)
    {
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, Elsewhere, number);
        Dialect.Room(this, room, payload);
    }

    public void StartLive(int rate)
    {
        _step = (double)Stopwatch.Frequency / rate;
        _started = Stopwatch.GetTimestamp();
        (Worker.Due, Worker.Called) = (_started, SendLive);
    }

    public void StopLive() => (Worker.Due, Worker.Called) = (long.MaxValue, null);

    public override void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset)
    {
        if (!Payload.TryRead(argument, out var kind, out var number) || kind >= Senders || number != _got[kind] + 1)
            Stage.Verdict.Fault("wrong events", $"at the sender, after {string.Join(' ', _got)}: {Encoding.UTF8.GetString(argument)}");
        else
            Volatile.Write(ref _got[kind], number);
        SendMore();
    }

    private void SendMore()
    {
        while (_sent[_kind] < _goal && _sent[_kind] - _got[_kind] < Window)
        {
            if (_kind == Elsewhere)
                SendTo(s_rooms[_sent[Elsewhere] % Rooms], ++_sent[Elsewhere]);
            else
                SendToAll(_kind);
        }
    }

    private void SendLive()
    {
        for (var now = Stopwatch.GetTimestamp(); Worker.Due <= now; Worker.Due = _started + (long)(_sent[Live] * _step))
            SendToAll(Live);
    }

    private void SendToAll(int kind)
    {
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, kind, _sent[kind] + 1);
        Volatile.Write(ref _sent[kind], _sent[kind] + 1);
        Dialect.Broadcast(this, payload);
    }
}
