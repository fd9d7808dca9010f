using Holdfast.Engine;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>What the window of a shared log keeps in memory, and what it leaves to the store.</summary>
public sealed class SpillTests : IDisposable
{
    private const long Bound = 100_000;

    private readonly EngineClock _clock = new(new FakeTime());
    private readonly NamespaceLog _home = new();
    private readonly Session _session;
    private readonly EventLog _log;
    private long _position;

    public SpillTests()
    {
        _log = New(Bound);
        _session = new Session("self", "/", LogRig.Parser, TimeProvider.System, 1000) { Stage = SessionStage.Live };
    }

    public void Dispose() => _clock.Dispose();

    [Fact]
    public void The_packets_of_the_oldest_go_and_what_they_are_for_stays()
    {
        for (var i = 1; i <= 200; i++)
        {
            Append(size: 2_000, room: i % 2 == 0 ? "room" : null);
            Assert.InRange(_log.Bytes, 0, Bound);
        }
        var missed = Missed();
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (i * 2L) - 1), missed.Select(entry => entry.Sequence));
        var here = missed.SkipWhile(entry => entry.Packet is null).ToArray();
        Assert.InRange(here.Length, 15, 25); // the rest of the bound
        Assert.DoesNotContain(here, entry => entry.Packet is null);
        Assert.All(missed, entry => Assert.Equal((2_000, new RecordPlace(entry.Sequence, 7)), (entry.PacketSize, entry.Place)));
        Assert.Equal((200, 0), (_log.Count, _log.Tail));
    }

    [Fact]
    public void A_million_small_events_take_no_more_than_the_bound_and_the_window_is_as_long_as_that_allows()
    {
        const long bound = 64L * 1024 * 1024;
        var log = New(bound);
        var most = 0L;
        var packet = new EncodedPacket("42[\"e\"]"u8.ToArray());
        for (var i = 0; i < 1_000_000; i++)
        {
            log.MoveTo(new RecordPlace(++_position, 7), TimeSpan.Zero);
            log.Append(_home, [], [], packet);
            most = Math.Max(most, log.Bytes);
        }
        Assert.InRange(most, bound - 1000, bound);
        Assert.InRange(log.Count, bound / 110, bound / 100);
        Assert.Equal(_position, log.Tail + log.Count);
    }

    [Fact]
    public void An_event_that_is_larger_than_the_bound_is_in_the_store_and_what_came_before_it_stays_known()
    {
        Append(size: 1_000);
        Append(size: 2 * (int)Bound);
        Append(size: 1_000);
        Assert.Equal([false, false, true], Missed().Select(entry => entry.Packet is not null));
        Assert.Equal((3, 0), (_log.Count, _log.Tail));
    }

    [Fact]
    public void What_is_gone_from_the_store_goes_as_far_as_it_is_not_in_memory()
    {
        for (var i = 0; i < 200; i++)
            Append(size: 2_000);
        var firstHere = Missed().First(entry => entry.Packet is not null).Sequence;

        _log.LoseStored(50);
        Assert.Equal((50, 150), (_log.Tail, _log.Count));
        _log.LoseStored(199);
        Assert.Equal((firstHere - 1, 200 - (int)(firstHere - 1)), (_log.Tail, _log.Count));

        _log.LoseUpTo(190);
        Assert.Equal((190, 10), (_log.Tail, _log.Count));
        Append(size: 2_000);
        Assert.DoesNotContain(Missed(), entry => entry.Packet is null);
    }

    [Fact]
    public void What_comes_in_goes_out_with_the_same_weight_with_a_packet_or_without()
    {
        for (var i = 0; i < 300; i++)
        {
            _log.MoveTo(new RecordPlace(++_position, 7), TimeSpan.Zero);
            _log.Append(_home, i % 3 == 0 ? [] : ["a", $"only {i}"], i % 5 == 0 ? ["not"] : [], Packet(700, attachments: i % 4));
        }
        Assert.Contains(Missed(), entry => entry.Packet is null);
        _log.LoseUpTo(_position);
        Assert.Equal((0, 0L), (_log.Count, _log.Bytes));
    }

    [Fact]
    public void An_entry_without_packet_weighs_what_it_takes()
    {
        var list = new EntryList();
        var entries = new StoredEntry[1000];
        var packet = Packet(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new StoredEntry(i, _home, list.Alone, [], packet, 0, 7);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / entries.Length;

        var (size, freed) = (entries[0].Size, entries[0].Spill());

        Assert.Equal(size - freed, entries[0].Size);
        Assert.Equal(each + 24, entries[0].Size); // and its places in the log and in its list
        Assert.InRange(freed, 100 + 48 + 24, 100 + 48 + 24 + 16);
    }

    private EventLog New(long bound) => new(new ConnectionStateRecoveryOptions { MaxLogEntries = 2_000_000 }, _clock, TimeSpan.FromSeconds(30), bound);

    private void Append(int size, string? room = null)
    {
        _log.MoveTo(new RecordPlace(++_position, 7), TimeSpan.Zero);
        _log.Append(_home, room is null ? [] : [room], [], Packet(size));
    }

    private StoredEntry[] Missed() => [.. _home.Missed(_session, 0).Cast<StoredEntry>()];

    private static EncodedPacket Packet(int size, int attachments = 0)
    {
        var binary = new ReadOnlyMemory<byte>[attachments];
        Array.Fill(binary, new byte[10]);
        return new EncodedPacket(new byte[size], binary);
    }
}
