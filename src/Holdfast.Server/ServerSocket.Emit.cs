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
        var sent = Task.CompletedTask;
        if (flags.Volatile)
            Namespace.Adapter.SendVolatile(Binding, packet, positioned: !Session.IsEphemeral, outgoing);
        else
            sent = Namespace.Adapter.SendAsync(Binding, packet, outgoing, cancellationToken);
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
        var sent = Task.CompletedTask;
        if (flags.Volatile)
            Namespace.Adapter.SendVolatile(Binding, packet, positioned: false, outgoing);
        else
            sent = Namespace.Adapter.SendAsideAsync(Binding, packet, outgoing, cancellationToken);
        outgoing?.Tell();
        if (sent is not null)
            await Task.WhenAny(sent, answer);
        else
            // Nobody is there to ask; the session may still wait for its client, but a question does not.
            Session.Acks.TryFail(ackId, new SocketDisconnectedException(Session.LastDisconnect));
        return await answer;
    }

    /// <summary>An ack answers on the connection that asked, and on no other.</summary>
    internal override ValueTask SendAckAsync(long ackId, ReadOnlySpan<object?> arguments, CancellationToken cancellationToken)
    {
        var packet = Namespace.Parser.EncodeAck(Namespace.Name, ackId, arguments);
        return Connected ? new ValueTask(_connection.Engine.SendAsync(packet, cancellationToken)) : default;
    }
}
