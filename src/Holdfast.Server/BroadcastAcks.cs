namespace Holdfast;

/// <summary>The answers to a broadcast. A receiver that does not answer in time is no error: it is counted in <see cref="Missing"/>.</summary>
/// <typeparam name="T">The type of one answer: the first argument of each acknowledgement.</typeparam>
public sealed class BroadcastAcks<T>
{
    internal BroadcastAcks(IReadOnlyList<T> responses, int missing)
    {
        Responses = responses;
        Missing = missing;
    }

    /// <summary>The answers that came in time, in the order in which they came.</summary>
    public IReadOnlyList<T> Responses { get; }

    /// <summary>How many receivers did not answer: too late, disconnected, or with something that is not a <typeparamref name="T"/>.</summary>
    public int Missing { get; }
}
