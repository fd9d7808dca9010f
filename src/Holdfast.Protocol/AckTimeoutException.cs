namespace Holdfast;

/// <summary>The peer did not acknowledge an event in the time that the caller gave it.</summary>
/// <remarks>
/// The event may have arrived all the same, and its handler may have run. An acknowledgement that comes later is ignored.
/// The message is the one of the JavaScript implementation, <c>operation has timed out</c>.
/// </remarks>
public sealed class AckTimeoutException : TimeoutException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public AckTimeoutException()
        : base("operation has timed out")
    {
    }
}
