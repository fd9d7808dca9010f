namespace Holdfast;

/// <summary>The answers to a broadcast. A receiver that does not answer in time is no error: it is counted in <see cref="Missing"/>.</summary>
/// <typeparam name="T">The type of one answer: the first argument of each acknowledgement.</typeparam>
public sealed class BroadcastAcks<T>
{
    internal BroadcastAcks(IReadOnlyList<T> responses, int missing, int silentServers = 0)
    {
        Responses = responses;
        Missing = missing;
        SilentServers = silentServers;
    }

    /// <summary>The answers that came in time, in the order in which they came.</summary>
    public IReadOnlyList<T> Responses { get; }

    /// <summary>How many receivers did not answer: too late, disconnected, or with something that is not a <typeparamref name="T"/>.</summary>
    public int Missing { get; }

    /// <summary>
    /// In a cluster, after an emit to clients: how many other servers did not even say in time how many of their clients they have asked. What these would have answered is in neither of the two
    /// above. Zero where a server stands alone.
    /// </summary>
    public int SilentServers { get; }
}
