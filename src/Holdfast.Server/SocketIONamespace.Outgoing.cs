using Holdfast.Protocol;

namespace Holdfast;

public sealed partial class SocketIONamespace
{
    private int _listening;

    /// <summary>Null, the usual case: no socket listens to what goes out.</summary>
    internal OutgoingEvent? Announce(string eventName, object?[] arguments) =>
        System.Threading.Volatile.Read(ref _listening) == 0 ? null : new OutgoingEvent(eventName, arguments);

    internal void CountListening(int change) => Interlocked.Add(ref _listening, change);
}
