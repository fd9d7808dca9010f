using Holdfast.Adapters;
using Holdfast.Recovery;

namespace Holdfast;

public sealed partial class ServerSocket
{
    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        EmitAsync(eventName, arguments, BroadcastTarget.Everyone, cancellationToken);

    internal override Task<EventArguments> EmitArgumentsWithAckAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) =>
        EmitWithAckAsync(eventName, arguments, BroadcastTarget.Everyone, cancellationToken);

    internal Task EmitAsync(string eventName, object?[] arguments, BroadcastTarget flags, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        var packet = Namespace.Encode(eventName, arguments, withOffset: !Session.IsEphemeral);
        packet.Compress = flags.Compress;
        var outgoing = Announce(eventName, arguments);
        var sent = flags.Volatile
            ? Namespace.Adapter.SendVolatileAsync(Binding, packet, positioned: !Session.IsEphemeral, outgoing)
            : Namespace.Adapter.SendAsync(Binding, packet, outgoing, cancellationToken);
        if (outgoing is not null && Namespace.Adapter.IsShared)
            return outgoing.TellBehind(sent);
        outgoing?.Tell();
        return sent;
    }

    internal async Task<EventArguments> EmitWithAckAsync(string eventName, object?[] arguments, BroadcastTarget flags, CancellationToken cancellationToken)
    {
        if (Binding.Stage == BindingStage.Pending)
            throw new InvalidOperationException("A middleware can't wait for an answer of the client, who is not connected yet. Ask in OnConnection.");
        var ackId = Namespace.Server.NextAckId();
        var packet = Namespace.Parser.EncodeEvent(Namespace.Name, ackId, eventName, arguments);
        packet.Compress = flags.Compress;
        var outgoing = Announce(eventName, arguments);
        // First the question, then the packet: an answer never comes before its question is known.
        var answer = Session.Acks.AddAsync(ackId, flags.Timeout ?? Namespace.Server.Options.AckTimeout, cancellationToken);
        var sent = flags.Volatile
            ? Namespace.Adapter.SendVolatileAsync(Binding, packet, positioned: false, outgoing)
            : Namespace.Adapter.SendAsideAsync(Binding, packet, ackId, outgoing, cancellationToken);
        if (outgoing is not null && sent is not null && Namespace.Adapter.IsShared)
            _ = outgoing.TellBehind(sent);
        else
            outgoing?.Tell();
        if (sent is not null)
            await Task.WhenAny(sent, answer);
        else
            // Nobody is there to ask; the session may still wait for its client, but a question does not.
            Session.Acks.TryFail(ackId, new SocketDisconnectedException(Session.LastDisconnect));
        return await answer;
    }

    private async Task SendAckInOrderAsync(EncodedPacket packet, CancellationToken cancellationToken)
    {
        var sent = Task.CompletedTask;
        await Namespace.Adapter.AnswerAsync(Binding, () => sent = _connection.Engine.SendAsync(packet, cancellationToken));
        await sent;
    }

    /// <summary>An ack answers on the connection that asked, and on no other.</summary>
    internal override ValueTask SendAckAsync(long ackId, ReadOnlySpan<object?> arguments, CancellationToken cancellationToken)
    {
        var packet = Namespace.Parser.EncodeAck(Namespace.Name, ackId, arguments);
        if (!Connected)
            return default;
        return new ValueTask(Namespace.Adapter.IsShared ? SendAckInOrderAsync(packet, cancellationToken) : _connection.Engine.SendAsync(packet, cancellationToken));
    }
}
