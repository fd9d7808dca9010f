using System.Text;

namespace Holdfast.Load.Scenarios;

/// <summary>
/// 1,000 clients in 100 rooms of ten. One member of each room sends to it, again when all ten have got it: a hundred small broadcasts are on their
/// way at any time.
/// </summary>
internal sealed class Rooms(string name, string title, int cores) : Scenario(name, title, cores)
{
    private const int Count = 100;

    public override Result Run(Stage stage)
    {
        var rooms = Enumerable.Range(0, Count).Select(i => new Room(stage, i)).ToArray();
        var clients = rooms.SelectMany(room => room.Members).ToArray();
        stage.Open(clients, i => Spread(i / Room.Size)); // a room lives on one worker
        var measured = stage.Measure(
            worker => Array.ForEach(rooms, room => { if (room.Members[0].Worker == worker) room.SendNext(); }),
            () => rooms.Count(room => !room.IsQuiet));
        return Result.Of(measured, stage.Verdict);
    }
}

internal sealed class Room
{
    public const int Size = 10;
    private readonly Stage _stage;
    private readonly int _index;
    private int _sent, _got;
    private bool _quiet;

    public Room(Stage stage, int index)
    {
        (_stage, _index, Name) = (stage, index, Encoding.ASCII.GetBytes($"r{index}"));
        Members = [.. Enumerable.Range(0, Size).Select(_ => new RoomMember(stage, this))];
    }

    public byte[] Name { get; }

    public RoomMember[] Members { get; }

    public bool IsQuiet => Volatile.Read(ref _quiet);

    public void SendNext()
    {
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, _index, ++_sent);
        Members[0].SendToRoom(payload);
    }

    /// <summary>A member has got a number. Each gets each once, so that ten mean all.</summary>
    public void Got(ReadOnlySpan<byte> argument, ref int last)
    {
        if (!Payload.TryRead(argument, out var sender, out var number) || sender != _index)
        {
            _stage.Verdict.Fault("wrong events", Encoding.UTF8.GetString(argument));
            return;
        }
        if (number != last + 1)
            _stage.Verdict.Fault(number <= last ? "doubled or out of order" : "lost", $"{number} after {last} in room {_index}");
        last = number;
        if (++_got < Size)
            return;
        _got = 0;
        if (_stage.Stopping)
            Volatile.Write(ref _quiet, true);
        else
            SendNext();
    }
}

internal sealed class RoomMember(Stage stage, Room room) : Member(stage)
{
    private int _last;

    public override void Ready() => Dialect.Join(this, 1, room.Name);

    public override void Acked(int id, ReadOnlySpan<byte> argument) => Done();

    public void SendToRoom(ReadOnlySpan<byte> payload) => Dialect.Room(this, room.Name, payload);

    public override void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset)
    {
        if (!name.SequenceEqual("room"u8))
            Stage.Verdict.Fault("wrong events", Encoding.UTF8.GetString(name));
        Worker.Count++;
        room.Got(argument, ref _last);
    }
}
