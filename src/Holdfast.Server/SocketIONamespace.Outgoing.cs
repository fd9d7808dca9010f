using Holdfast.Diagnostics;
using Holdfast.Protocol;

namespace Holdfast;

public sealed partial class SocketIONamespace
{
    private int _listening;

    /// <summary>Null, the usual case: no socket listens to what goes out.</summary>
    internal OutgoingEvent? Announce(string eventName, object?[] arguments) =>
        System.Threading.Volatile.Read(ref _listening) == 0 ? null : new OutgoingEvent(eventName, arguments);

    OutgoingEvent? Recovery.ISessionEvents.Announce(EncodedPacket packet) =>
        System.Threading.Volatile.Read(ref _listening) == 0 ? null : new OutgoingEvent(() => Read(packet));

    internal void CountListening(int change) => Interlocked.Add(ref _listening, change);

    /// <summary>An event that another server has encoded; its last argument is the position, if it has one.</summary>
    private OutgoingEvent? Read(EncodedPacket packet)
    {
        try
        {
            var decoder = Parser.CreateDecoder(int.MaxValue);
            var isWhole = false;
            Packet read = default;
            if (!packet.TextMessage.IsEmpty)
                isWhole = decoder.TryRead(packet.TextMessage, isBinary: false, out read);
            foreach (var message in packet.BinaryMessages)
                isWhole = decoder.TryRead(message, isBinary: true, out read);
            if (!isWhole || read.EventName is null)
                return null;
            var arguments = read.Arguments.ToArray();
            return new OutgoingEvent(read.EventName, packet.OffsetStart < 0 ? arguments : arguments[..^1]);
        }
        catch (Exception failure)
        {
            Server.Log.HandlerFailed(failure, Name, "outgoing");
            return null;
        }
    }
}
