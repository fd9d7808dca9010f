namespace Holdfast;

/// <summary>The type of a Socket.IO packet; the value is the number on the wire.</summary>
/// <remarks>
/// The default parser sends two more numbers, 5 and 6, for events and acknowledgements with binary values beside their text. These are a
/// matter of that format: read, they are events and acknowledgements like others.
/// </remarks>
public enum PacketType : byte
{
    /// <summary>A client joins a namespace, or the server tells it that it has.</summary>
    Connect = 0,

    /// <summary>One of the two ends leaves the namespace.</summary>
    Disconnect = 1,

    /// <summary>An event with its arguments.</summary>
    Event = 2,

    /// <summary>The acknowledgement of an event.</summary>
    Ack = 3,

    /// <summary>The server refuses a <see cref="Connect"/>.</summary>
    ConnectError = 4,
}
