namespace Holdfast;

/// <summary>An argument that the peer sent does not have the type that the handler or the caller asked for.</summary>
/// <remarks>
/// The peer's fault, not the application's: a handler whose arguments can't be bound is not called, and the connection stays open.
/// A missing argument counts as JSON <c>null</c>, which fits every reference type and <see cref="Nullable{T}"/>, but not <c>int</c>.
/// The message never repeats what the peer sent.
/// </remarks>
public sealed class EventArgumentException : Exception
{
    /// <summary>Creates the exception; for <see cref="PacketParser.Read"/>.</summary>
    /// <param name="expectedType">The type that was asked for.</param>
    /// <param name="innerException">The error that showed it; null if there is none.</param>
    public EventArgumentException(Type expectedType, Exception? innerException)
        : base($"The argument can't be read as {expectedType}.", innerException) => ExpectedType = expectedType;

    /// <summary>The type that was asked for.</summary>
    public Type ExpectedType { get; }
}
