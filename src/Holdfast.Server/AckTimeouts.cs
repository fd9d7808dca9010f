namespace Holdfast;

internal static class AckTimeouts
{
    public static readonly TimeSpan Broadcast = TimeSpan.FromSeconds(5);

    /// <summary>Timers count milliseconds in 32 bits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Zero is a valid time: no answer can come within it.</summary>
    public static bool IsValid(TimeSpan timeout) => (timeout >= TimeSpan.Zero && timeout <= Longest) || timeout == Timeout.InfiniteTimeSpan;

    public static TimeSpan Checked(TimeSpan timeout) => IsValid(timeout)
        ? timeout
        : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time to wait for an answer must be between 0 and 24 days, or Timeout.InfiniteTimeSpan.");
}
