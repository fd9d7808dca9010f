using System.Diagnostics;

namespace Holdfast.Testing;

/// <summary>Waiting for signals, never for time: the limit is only what turns a hang into a failure.</summary>
public static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task Within(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Within(this ValueTask task) => task.AsTask().WaitAsync(Limit);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Limit);

    /// <summary>Waits for a state that gives no signal.</summary>
    public static async Task Until(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Yield())
        {
            if (waited.Elapsed > Limit)
            {
                throw new TimeoutException("the condition never came true");
            }
        }
    }
}
