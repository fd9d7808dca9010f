namespace Holdfast;

/// <summary>The peer broke the protocol: what it sent can't be decoded, or may not be sent at this point.</summary>
/// <remarks>
/// It ends the connection it came from and no other. The message says what was wrong in the protocol's own words and never repeats
/// what the peer sent, so that it can be logged.
/// </remarks>
public sealed class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">What was wrong, without any of the peer's data.</param>
    public ProtocolException(string reason)
        : base(reason)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="reason">What was wrong, without any of the peer's data.</param>
    /// <param name="innerException">The error that showed it.</param>
    public ProtocolException(string reason, Exception innerException)
        : base(reason, innerException)
    {
    }
}
