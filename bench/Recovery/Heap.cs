namespace Holdfast.RecoveryBench;

internal static class Heap
{
    /// <summary>The bytes that are still reachable.</summary>
    public static long Used()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
