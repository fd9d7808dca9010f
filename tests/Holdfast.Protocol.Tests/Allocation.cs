namespace Holdfast.Protocol.Tests;

/// <summary>What an action allocates on this thread.</summary>
internal static class Allocation
{
    /// <summary>The least of several times: a collection in between takes the rest of the thread's current chunk away, which counts as allocated.</summary>
    public static long Of(Action act)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            act();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
