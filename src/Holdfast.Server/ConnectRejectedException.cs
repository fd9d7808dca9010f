namespace Holdfast;

/// <summary>
/// Thrown by a middleware to refuse a connection. The client gets the <c>connect_error</c> event with this message and data, and does not retry on its own.
/// </summary>
/// <param name="message">The <c>message</c> of the client's error.</param>
/// <param name="details">The <c>data</c> of the client's error, written as JSON; null: none.</param>
/// <remarks>Wire form: <c>44{"message":"...","data":...}</c> (Socket.IO protocol, CONNECT_ERROR).</remarks>
public sealed class ConnectRejectedException(string message, object? details = null) : Exception(message)
{
    /// <summary>The <c>data</c> of the client's error; null: none.</summary>
    public object? Details { get; } = details;
}
