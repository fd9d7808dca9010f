// One at a time: the size of the heap is one for all.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Holdfast.Cost.Tests;

/// <summary>What an operation allocates on this thread: a figure that another machine, or a busy one, does not change.</summary>
internal static class Cost
{
    private const int Rounds = 5;

    /// <summary>The least of several rounds: a collection in between takes the rest of the thread's chunk away, which counts as allocated, and what grows once is no cost of an operation.</summary>
    public static long Of(Action operation, int operations = 200)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < operations; i++)
                operation();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least / operations;
    }

    /// <summary>The same of an operation that needs something new each time, the making of which does not count. The median, because a single one has been seen a few bytes off.</summary>
    public static long OfPrepared<T>(Func<T> prepare, Action<T> operation, int operations = 51)
    {
        var each = new long[operations];
        for (var i = 0; i < operations; i++)
        {
            var prepared = prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            operation(prepared);
            each[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Array.Sort(each);
        return each[operations / 2];
    }

    /// <summary>
    /// A stated figure is exact: a change that costs more is to be justified or made cheaper, and one that costs less is to write its figure down, so that nobody takes it back unseen.
    /// </summary>
    public static void Is(long stated, long measured) =>
        Assert.True(stated == measured, $"{stated} bytes are stated, {measured} were allocated. {(measured > stated ? "Make it cheaper again, or say in the change why it is worth it." : "Write the better figure down.")}");
}
