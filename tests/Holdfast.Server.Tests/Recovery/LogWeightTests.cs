using Holdfast.Engine;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>What the log says that it weighs: the bound on its bytes is only as good as this.</summary>
public sealed class LogWeightTests
{
    private readonly FakeTime _time = new();

    [Fact]
    public void What_comes_in_goes_out_with_the_same_weight_whatever_its_rooms()
    {
        var log = NewLog(new() { MaxLogEntries = 20, MaxDisconnectionDuration = TimeSpan.FromMinutes(1) });
        NamespaceLog[] homes = [new(), new()];

        for (var n = 0; n < 500; n++)
        {
            string[] rooms = (n % 5) switch
            {
                0 => [],
                1 => ["a"],
                2 => ["a", "b", $"only {n}"],
                3 => [$"only {n}"],
                _ => [$"for a while {n / 30}", $"room {n % 7}"],
            };
            log.Append(homes[n % 2], rooms, n % 3 == 0 ? ["x", $"not {n}"] : [], Event(n % 4));
        }
        Assert.Equal(20, log.Count);
        Assert.InRange(log.Bytes, 20 * 100, 20 * 2000);

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal((0, 0L), (log.Count, log.Bytes));
    }

    [Fact]
    public void A_room_weighs_as_long_as_the_log_has_an_event_for_it()
    {
        var home = new NamespaceLog();
        var log = NewLog(new() { MaxLogEntries = 1000 });
        var weights = new List<long>();
        foreach (var room in (string[])["a room", "a room", "another", "a room"])
        {
            var before = log.Bytes;
            log.Append(home, [room], [], Event());
            weights.Add(log.Bytes - before);
        }

        Assert.Equal(weights[1], weights[3]);
        Assert.True(weights[0] > weights[1]);
        Assert.True(weights[2] > weights[1]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 2, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(0, 0, 10)]
    public void An_event_weighs_what_was_allocated_for_it(int ownRooms, int except, int attachments)
    {
        var home = new NamespaceLog();
        var log = NewLog(new() { MaxLogEntries = 1000 });
        Append(3000); // until nothing grows any more

        var before = GC.GetAllocatedBytesForCurrentThread();
        Append(1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // Its share of the log's own arrays and of the dictionary of rooms weighs too, but does not grow any more and is not allocated here. And code that is not optimised yet
        // allocates a few things more, which are gone at once.
        Assert.InRange((double)log.Bytes / allocated, 0.75, 1.4);

        void Append(int count)
        {
            for (var n = 0; n < count; n++)
                log.Append(home, New("room", ownRooms, n), New("except", except, n), Event(attachments));
        }
    }

    [Fact]
    public void A_list_that_has_shrunk_lets_its_memory_go_and_keeps_its_order()
    {
        var list = new EntryList("room");
        var home = new NamespaceLog();
        var sequence = 0L;
        foreach (var length in (int[])[1000, 3, 70, 0, 5])
        {
            while (list.Count < length)
                list.Add(new LogEntry(++sequence, home, list.Alone, [], Event(), 0));
            while (list.Count > length)
                list.RemoveFirst();

            var expected = Enumerable.Range(0, length).Select(i => sequence - length + 1 + i);
            Assert.Equal(expected, Enumerable.Range(0, length).Select(i => list[i].Sequence));
            Assert.Equal(length / 2, list.FirstAfter(sequence - length + (length / 2)));
            Assert.InRange(list.Capacity, length, Math.Max(2, length * 4));
        }
    }

    private EventLog NewLog(ConnectionStateRecoveryOptions options) => new(options, new EngineClock(_time), TimeSpan.FromSeconds(45));

    private static string[] New(string name, int count, int number)
    {
        if (count == 0)
            return [];
        var rooms = new string[count];
        for (var i = 0; i < count; i++)
            rooms[i] = $"{name} {i} of {number}";
        return rooms;
    }

    private static EncodedPacket Event(int attachments = 0)
    {
        var binary = attachments == 0 ? [] : new ReadOnlyMemory<byte>[attachments];
        for (var i = 0; i < attachments; i++)
            binary[i] = new byte[10];
        return new EncodedPacket("42[\"n\",1,\"AAAAAAAA.0000000000\"]"u8.ToArray(), binary) { OffsetStart = 10 };
    }
}
