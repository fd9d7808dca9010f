namespace Holdfast;

internal static class AckTimeouts
{
    public static readonly TimeSpan Broadcast = TimeSpan.FromSeconds(5);

    /// <summary>Zero is a valid time: no answer can come within it.</summary>
    public static TimeSpan Checked(TimeSpan timeout) => timeout >= TimeSpan.Zero || timeout == Timeout.InfiniteTimeSpan
        ? timeout
        : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time to wait for an answer can't be negative.");
}
