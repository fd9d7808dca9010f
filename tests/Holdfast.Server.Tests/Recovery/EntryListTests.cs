using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery;

public class EntryListTests
{
    private static readonly NamespaceLog Home = new();

    [Fact]
    public void It_keeps_its_order_while_it_grows_and_turns_around()
    {
        var list = new EntryList();
        var expected = new Queue<long>();
        for (var i = 1L; i <= 1000; i++)
        {
            list.Add(Entry(i));
            expected.Enqueue(i);
            if (i % 3 == 0)
            {
                list.RemoveFirst();
                expected.Dequeue();
            }
            Assert.Equal(expected.Count, list.Count);
        }
        Assert.Equal(expected, Enumerable.Range(0, list.Count).Select(i => list[i].Sequence));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    [InlineData(49, 4)]
    [InlineData(50, 5)]
    [InlineData(long.MaxValue, 5)]
    public void A_position_is_found_between_entries(long sequence, int index)
    {
        var list = new EntryList();
        foreach (var i in new[] { 1, 2, 10, 20, 30, 40, 50 })
            list.Add(Entry(i));
        list.RemoveFirst();
        list.RemoveFirst();
        Assert.Equal(index, list.FirstAfter(sequence));
    }

    [Fact]
    public void An_empty_list_has_nothing_after_anything() => Assert.Equal(0, new EntryList().FirstAfter(0));

    private static LogEntry Entry(long sequence) => new(sequence, Home, [], [], new EncodedPacket(default), 0);
}
