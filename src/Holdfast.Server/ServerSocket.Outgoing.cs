using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast;

// Whether somebody listens to what goes out. A namespace counts such sockets, so that a broadcast to sockets that don't listen asks one question and no more.
public sealed partial class ServerSocket
{
    private bool _isCountedAsListening;

    internal override void OnOutgoingListenersChanged()
    {
        // Whoever listens or ends the socket says so first and then comes here, so the last one to come sees what all of them did.
        Interlocked.MemoryBarrier();
        if (Outgoing is not { } line)
            return;
        lock (line)
        {
            var listens = !_isEnded && HasOutgoingListeners;
            if (listens == _isCountedAsListening)
                return;
            _isCountedAsListening = listens;
            Namespace.CountListening(listens ? 1 : -1);
        }
    }

    /// <summary>Null, and nothing else happens, unless somebody may listen. In a middleware this socket is the receiver, else the one that has the session.</summary>
    private OutgoingEvent? Announce(string eventName, object?[] arguments) =>
        Binding.Stage == BindingStage.Pending
            ? HasOutgoingListeners ? new OutgoingEvent(eventName, arguments) : null
            : Namespace.Announce(eventName, arguments);
}
