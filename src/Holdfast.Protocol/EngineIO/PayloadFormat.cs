namespace Holdfast.Protocol;

/// <summary>How packets are put together in the body of a POST or of a poll. A body has one format; which ones a session may use, its revision of the protocol says.</summary>
internal enum PayloadFormat : byte
{
    /// <summary>Engine.IO 4: packets with a separator between them (<see cref="PollingPayload"/>).</summary>
    Separated,

    /// <summary>Engine.IO 3, text: each packet behind its length (<see cref="CountedPayload"/>).</summary>
    Counted,

    /// <summary>Engine.IO 3, bytes: each packet behind its kind and its length (<see cref="FramedPayload"/>).</summary>
    Framed,
}
